import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tries the server's page, or the one over runs, in a Chromium that listens for its debugging protocol: as a hand with a
 * mouse, a keyboard alone, on a phone, in the dark. Usage: TryPage BROWSER SERVER FOLDER serve|watch
 */
public final class TryPage implements WebSocket.Listener {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  private final StringBuilder part = new StringBuilder();
  private final StringBuilder complaints = new StringBuilder();
  private final Path shots;
  private WebSocket socket;
  private int sent;
  private int failures;

  private TryPage(Path shots) {
    this.shots = shots;
  }

  public static void main(String[] args) throws Exception {
    TryPage page = new TryPage(Path.of(args[2]));
    page.open(args[0]);
    if (args[3].equals("watch")) {
      page.tryWatch(args[1]);
    } else {
      page.tryAll(args[1]);
    }
    System.exit(page.failures == 0 ? 0 : 1);
  }

  private void tryAll(String server) throws Exception {
    command("Page.enable", "");
    command("Runtime.enable", "");
    command("Log.enable", "");
    screen(1280, 900, false);
    command("Page.navigate", "\"url\":\"" + server + "/\"");

    await("shows samples", "document.getElementById('picture')?.naturalWidth > 0");
    check("is right at once", "document.getElementById('problem').textContent === ''");
    check("has a policy that stops other scripts", "(() => { const s = document.createElement('script');"
        + "s.textContent = 'window.broken = 1'; document.body.append(s); return !window.broken })()");
    complaints.setLength(0); // The policy has complained of that script, as it should.
    shoot("desktop");

    evaluate("window.before = document.getElementById('picture').src");
    evaluate("document.getElementById('next').click()");
    await("draws the next seed", "document.getElementById('picture').src !== before"
        + " && document.getElementById('seed').value === '43'");
    check("gives the address of that picture",
        "document.getElementById('curl').textContent.includes('seed=43')");
    check("gives the Java of that picture",
        "document.getElementById('java').textContent.includes('.withSeed(43L)')");
    await("its curl's address is the picture that is shown, pixel for pixel", "(async () => {"
        + "const pixels = i => { const c = document.createElement('canvas'), g = c.getContext('2d');"
        + "c.width = i.naturalWidth || i.width; c.height = i.naturalHeight || i.height; g.drawImage(i, 0, 0);"
        + "return g.getImageData(0, 0, c.width, c.height).data };"
        + "const url = /'([^']*)'$/.exec(document.getElementById('curl').textContent)[1];"
        + "const a = pixels(await createImageBitmap(await (await fetch(url)).blob()));"
        + "const b = pixels(document.getElementById('picture'));"
        + "return a.length > 100 && a.length === b.length && a.every((v, i) => v === b[i]) })()");
    evaluate("document.getElementById('seed').value = 'x';"
        + "document.getElementById('seed').dispatchEvent(new Event('input'))");
    await("says what a seed must be", "document.getElementById('problem').textContent.startsWith('a seed is')");
    evaluate("document.getElementById('seed').value = '42';"
        + "document.getElementById('seed').dispatchEvent(new Event('input'))");
    await("forgets the mistake", "document.getElementById('problem').textContent === ''");

    choose("walk");
    await("walks between two seeds", "document.getElementById('large').width > 1");
    evaluate("window.first = document.getElementById('large').toDataURL();"
        + "document.getElementById('step').focus()");
    key("End", 35, 0);
    await("the walk's end differs from its start, by keyboard",
        "document.getElementById('large').toDataURL() !== first && document.getElementById('at').textContent.startsWith('64')");
    shoot("walk");
    evaluate("document.getElementById('play').click()");
    await("plays", "document.getElementById('at').textContent !== '64 of 64'");

    String planar = evaluate("(async () => { for (const name of (await (await fetch('v2/models')).json()).models) {"
        + "const m = await (await fetch('v2/models/' + name)).json();"
        + "if (JSON.parse(m.properties['djinn.latent']).size === 2) return name } return '' })()");
    if (planar.isEmpty()) {
      System.out.println("  SKIPPED the plane: no model here has a latent of two numbers");
    } else {
      plane(planar);
    }
    await("shows the live rate", "(document.querySelector('[value=samples]').click(), document.getElementById('next').click(),"
        + " Number(document.getElementById('rate').textContent) > 0)");
    keyboardAlone();
    phone();
    dark();
    check("nothing was complained of: " + complaints, complaints.isEmpty() ? "true" : "false");
  }

  private void tryWatch(String server) throws Exception {
    command("Page.enable", "");
    command("Runtime.enable", "");
    command("Log.enable", "");
    screen(1280, 900, false);
    command("Page.navigate", "\"url\":\"" + server + "/\"");
    await("shows samples", "document.getElementById('sheet')?.naturalWidth > 0");
    await("draws curves", "document.querySelectorAll('#loss polyline').length >= 2");
    check("marks the band in which a generator learns", "document.querySelector('#accuracy .learns') !== null");
    check("has every setting", "document.querySelectorAll('#settings tr').length > 20");
    shoot("watch");
    evaluate("window.newest = document.getElementById('at').textContent; document.getElementById('slider').focus()");
    key("Home", 36, 0);
    await("shows the first sheet, by keyboard", "document.getElementById('at').textContent === 'step 0'"
        + " && document.getElementById('sheet').complete && document.getElementById('sheet').naturalWidth > 0");
    check("follows no longer", "!document.getElementById('follow').checked");
    evaluate("document.getElementById('play').click()");
    await("plays", "document.getElementById('at').textContent !== 'step 0'");
    evaluate("document.querySelector('#loss svg').focus()");
    key("ArrowLeft", 37, 0);
    await("reads a curve, by keyboard", "document.querySelector('#loss .legend').textContent.includes('step')");
    evaluate("document.querySelectorAll('nav input').forEach((box, i) => { if (i < 3 && !box.checked) box.click() })");
    await("lays curves over each other", "document.querySelectorAll('#overlay polyline, #overlay circle').length >= 2");
    await("shows samples side by side", "[...document.querySelectorAll('#twins img')].filter(i => i.naturalWidth > 0).length >= 2");
    check("names settings that differ", "document.querySelectorAll('#differences tr').length > 0");
    shoot("watch-compare");
    screen(320, 640, true);
    Thread.sleep(500);
    await("comparison fits 320 pixels", "document.documentElement.scrollWidth <= 320");
    shoot("watch-phone-compare");
    evaluate("document.querySelector('nav button').click()");
    await("one run fits 320 pixels", "document.documentElement.scrollWidth <= 320 && !document.getElementById('one').hidden");
    check("has nothing too small for a finger", "[...document.querySelectorAll('button, select, nav label')]"
        + ".filter(e => e.offsetParent).every(e => e.getBoundingClientRect().height >= 40)");
    shoot("watch-phone");
    dark();
    check("nothing was complained of: " + complaints, complaints.isEmpty() ? "true" : "false");
  }

  private void plane(String model) throws Exception {
    evaluate("document.getElementById('model').value = '" + model + "';"
        + "document.getElementById('model').dispatchEvent(new Event('change'))");
    await("offers the plane", "!document.querySelector('[value=plane]').disabled");
    choose("plane");
    await("shows the plane", "document.getElementById('backdrop').naturalWidth > 0");
    await("shows a point of it", "document.getElementById('one').width > 1");
    evaluate("document.getElementById('pad').scrollIntoView(); window.first = document.getElementById('one').toDataURL()");
    double[] box = Arrays.stream(evaluate("(() => { const r = document.getElementById('pad').getBoundingClientRect();"
        + "return [r.left, r.top, r.width, r.height].join(' ') })()").split(" ")).mapToDouble(Double::parseDouble).toArray();
    mouse("mousePressed", box[0] + box[2] / 2, box[1] + box[3] / 2);
    for (int i = 1; i <= 20; i++) {
      mouse("mouseMoved", box[0] + box[2] * (0.5 - 0.02 * i), box[1] + box[3] * (0.5 + 0.02 * i));
    }
    mouse("mouseReleased", box[0] + box[2] * 0.1, box[1] + box[3] * 0.9);
    await("follows the mouse", "document.getElementById('one').toDataURL() !== first");
    String dragged = evaluate("document.getElementById('point').textContent");
    check("stands where the mouse was let go: " + dragged, "parseFloat(document.getElementById('cross').style.left) < 11");
    evaluate("document.getElementById('pad').focus()");
    key("ArrowRight", 39, 8);
    await("follows the arrow keys", "document.getElementById('point').textContent !== '" + dragged + "'");
    await("its curl's address is the picture that is shown, pixel for pixel", "(async () => {"
        + "const url = /'([^']*)'$/.exec(document.getElementById('curl').textContent)[1];"
        + "const raw = new Uint8Array(await (await fetch(url + '&format=raw')).arrayBuffer());"
        + "const c = document.getElementById('one');"
        + "const shown = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        + "return raw.length > 0 && raw.every((v, i) => shown[raw.length === c.width * c.height ? 4 * i : 4 * Math.floor(i / 3) + i % 3] === v) })()");
    shoot("plane");
  }

  private void keyboardAlone() throws Exception {
    evaluate("document.activeElement.blur(); document.querySelector('[value=samples]').checked = true;"
        + "document.querySelector('[value=samples]').dispatchEvent(new Event('change'));"
        + "window.reached = new Set(); document.addEventListener('focusin', e =>"
        + " reached.add(e.target.id || e.target.name || e.target.dataset.copy))");
    for (int i = 0; i < 20; i++) {
      key("Tab", 9, 0);
    }
    for (String id : "model view seed previous next random count download curl java".split(" ")) {
      check("Tab reaches " + id, "reached.has('" + id + "')");
    }
    evaluate("document.getElementById('next').focus(); window.was = document.getElementById('seed').value");
    key("Enter", 13, 0);
    await("Enter presses a button", "document.getElementById('seed').value !== was");
  }

  private void phone() throws Exception {
    screen(320, 640, true);
    for (String view : "samples walk plane".split(" ")) {
      if (evaluate("String(document.querySelector('[value=" + view + "]').disabled)").equals("true")) {
        continue;
      }
      choose(view);
      Thread.sleep(300);
      await(view + " fits 320 pixels", "document.documentElement.scrollWidth <= 320");
      check(view + " has nothing too small for a finger", "[...document.querySelectorAll('button, select')]"
          + ".filter(e => e.offsetParent).every(e => e.getBoundingClientRect().height >= 40)");
      shoot("phone-" + view);
    }
  }

  private void dark() throws Exception {
    screen(1280, 900, false);
    command("Emulation.setEmulatedMedia", "\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"dark\"}]");
    await("is dark in the dark", "(c => c.every(v => v < 60))(getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number))");
    shoot("dark");
  }

  private void choose(String view) throws Exception {
    evaluate("(r => { r.checked = true; r.dispatchEvent(new Event('change')) })(document.querySelector('[value=" + view + "]'))");
  }

  private void await(String what, String condition) throws Exception {
    for (int i = 0; i < 150; i++) {
      if (holds(condition)) {
        report(true, what);
        return;
      }
      Thread.sleep(100);
    }
    report(false, what + " (" + evaluate("document.getElementById('problem')?.textContent ?? ''") + ")");
  }

  private void check(String what, String condition) throws Exception {
    report(holds(condition), what);
  }

  private boolean holds(String condition) throws Exception {
    return evaluate("Promise.resolve(" + condition + ").then(String)").equals("true");
  }

  private void report(boolean good, String what) {
    System.out.println((good ? "  ok      " : "  FAILED  ") + what);
    failures += good ? 0 : 1;
  }

  private void screen(int width, int height, boolean mobile) throws Exception {
    command("Emulation.setDeviceMetricsOverride", "\"width\":" + width + ",\"height\":" + height
        + ",\"deviceScaleFactor\":" + (mobile ? 2 : 1) + ",\"mobile\":" + mobile);
  }

  private void mouse(String type, double x, double y) throws Exception {
    command("Input.dispatchMouseEvent", "\"type\":\"" + type + "\",\"x\":" + x + ",\"y\":" + y
        + ",\"button\":\"left\",\"buttons\":1,\"clickCount\":1");
  }

  private void key(String name, int code, int modifiers) throws Exception {
    String what = "\"key\":\"" + name + "\",\"code\":\"" + name + "\",\"windowsVirtualKeyCode\":" + code
        + ",\"modifiers\":" + modifiers;
    command("Input.dispatchKeyEvent", "\"type\":\"keyDown\"," + what
        + (name.equals("Enter") ? ",\"text\":\"\\r\"" : ""));
    command("Input.dispatchKeyEvent", "\"type\":\"keyUp\"," + what);
  }

  private void shoot(String name) throws Exception {
    String reply = command("Page.captureScreenshot", "\"format\":\"png\",\"captureBeyondViewport\":true");
    Files.write(shots.resolve(name + ".png"), Base64.getDecoder().decode(field(reply, "data")));
  }

  /** Runs JavaScript in the page and gives the string that it or its promise becomes. */
  private String evaluate(String script) throws Exception {
    String quoted = script.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    String reply = command("Runtime.evaluate",
        "\"awaitPromise\":true,\"returnByValue\":true,\"expression\":\"" + quoted + "\"");
    if (reply.contains("\"exceptionDetails\"")) {
      throw new IOException("the page failed on " + script + ": " + reply);
    }
    return field(reply, "value");
  }

  private static String field(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\":\"((?:[^\"\\\\]|\\\\.)*+)\"").matcher(json);
    return matcher.find() ? matcher.group(1).replace("\\\"", "\"") : "";
  }

  private String command(String method, String parameters) throws Exception {
    int id = ++sent;
    socket.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":{" + parameters + "}}", true).join();
    while (true) {
      String message = messages.poll(60, TimeUnit.SECONDS);
      if (message == null) {
        throw new IOException("no answer to " + method);
      }
      if (message.startsWith("{\"id\":" + id + ",")) {
        return message;
      }
      if (message.contains("\"Runtime.exceptionThrown\"") || (message.contains("\"Log.entryAdded\"") && message.contains("\"level\":\"error\""))) {
        complaints.append(message).append(' ');
      }
    }
  }

  private void open(String browser) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(browser + "/json/list")).build();
    String list = HTTP.send(request, BodyHandlers.ofString()).body().replaceAll("\"\\s*:\\s*\"", "\":\"");
    socket = HTTP.newWebSocketBuilder().buildAsync(URI.create(field(list, "webSocketDebuggerUrl")), this).join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      messages.add(part.toString());
      part.setLength(0);
    }
    from.request(1);
    return null;
  }
}
