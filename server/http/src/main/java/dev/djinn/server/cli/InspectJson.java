package dev.djinn.server.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.djinn.sampler.ContractReader;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.ModelParts;
import dev.djinn.sampler.OnnxFile;
import dev.djinn.sampler.SamplerException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code djinn inspect --json} prints. */
final class InspectJson {
  private InspectJson() {}

  static String of(Path path, long bytes, ModelParts parts, OnnxFile file) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("file", path.toString());
    all.put("bytes", bytes);
    all.put("sha256", parts.hash());
    all.put("weights", parts.external().stream().map(Path::toString).toList());
    all.put("ir_version", file.irVersion());
    all.put("opsets", file.opsets());
    all.put("producer", file.producer());
    all.put("inputs", tensors(file.inputs()));
    all.put("outputs", tensors(file.outputs()));
    all.put("operators", file.operators());
    all.put("parameters", file.parameters());
    if (file.metadata().containsKey("djinn.contract")) {
      all.putAll(contract(path, file.metadata()));
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      write(json, all);
    }
    return text.toString();
  }

  private static Map<String, Object> contract(Path path, Map<String, String> metadata) {
    GeneratorContract contract;
    try {
      contract = ContractReader.read(metadata);
    } catch (SamplerException e) {
      throw new SamplerException(e.reason(), path + ": " + e.getMessage(), e);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("contract", metadata.get("djinn.contract"));
    Map<String, Object> latent = new LinkedHashMap<>();
    latent.put("size", contract.latent().size());
    latent.put("distribution", contract.latent().distribution().name().toLowerCase(Locale.ROOT));
    map.put("latent", latent);
    map.put("labels", contract.labels());
    Map<String, Object> image = new LinkedHashMap<>();
    image.put("channels", contract.image().channels());
    image.put("height", contract.image().height());
    image.put("width", contract.image().width());
    map.put("image", image);
    map.put("provenance", contract.provenance());
    map.put("parity", contract.parity());
    map.put("quality", contract.quality());
    return map;
  }

  private static List<Object> tensors(List<OnnxFile.Tensor> tensors) {
    List<Object> list = new ArrayList<>();
    for (OnnxFile.Tensor tensor : tensors) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("name", tensor.name());
      map.put("type", tensor.type());
      list.add(map);
    }
    return list;
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(String.valueOf(entry.getKey()));
        write(json, entry.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object item : list) {
        write(json, item);
      }
      json.writeEndArray();
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Integer || value instanceof Long) {
      json.writeNumber(((Number) value).longValue());
    } else if (value instanceof Number number) {
      json.writeNumber(number.doubleValue());
    } else if (value == null) {
      json.writeNull();
    } else {
      json.writeString(value.toString());
    }
  }
}
