package dev.djinn.watch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Nearest pictures, which a run keeps nowhere but in its pages: {@code report.html} under Copies
 * and {@code quality.html}. Only PNG data is taken out of them.
 */
final class EmbeddedPictures {
  private static final int LARGEST = 64 << 20;
  private static final Pattern FIGURE =
      Pattern.compile(
          "<img alt=\"([^\"]{0,200})\" src=\"data:image/png;base64,([A-Za-z0-9+/=]+)\"");
  private static final Pattern TOLD = Pattern.compile("<h2>Copies</h2>\\s*<p>([^<]*)</p>");

  /**
   * A picture.
   *
   * @param caption what stands below it
   * @param base64 its PNG file
   */
  record Picture(String caption, String base64) {
    byte[] png() {
      return Base64.getDecoder().decode(base64);
    }
  }

  private EmbeddedPictures() {}

  /** The pictures of a page about nearness, none if there is no page. */
  static List<Picture> of(Path page) throws IOException {
    List<Picture> pictures = new ArrayList<>();
    if (!Files.isRegularFile(page) || Files.size(page) > LARGEST) {
      return pictures;
    }
    String html = Files.readString(page, StandardCharsets.UTF_8);
    Matcher told = TOLD.matcher(html);
    boolean report = page.getFileName().toString().equals("report.html");
    if (report && !told.find()) {
      return pictures;
    }
    Matcher figures = FIGURE.matcher(html);
    int from = report ? told.end() : 0;
    while (figures.find(from) && pictures.size() < 8) {
      String caption = plain(report ? told.group(1) : figures.group(1));
      if (report || caption.contains("nearest")) {
        pictures.add(new Picture(caption, figures.group(2)));
      }
      from = figures.end();
    }
    return pictures;
  }

  private static String plain(String html) {
    return html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }
}
