package dev.djinn.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;

/** JSON in and out, bounded, with errors that a client can act on. */
final class Json {

  /** Far more digits than any float64 or int64 needs. */
  private static final int LONGEST_NUMBER = 400;

  private static final int LONGEST_NAME = 1024;

  private final JsonFactory factory;

  Json(Limits limits) {
    StreamReadConstraints constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(limits.jsonDepth())
            .maxDocumentLength(limits.bodyBytes())
            .maxStringLength(1 << 16)
            .maxNumberLength(LONGEST_NUMBER)
            .maxNameLength(LONGEST_NAME)
            .build();
    factory =
        JsonFactory.builder()
            .streamReadConstraints(constraints)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            // Field names of strangers are not worth remembering for the life of the process.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();
  }

  JsonParser parser(byte[] text, int from, int length) throws IOException {
    if (length > 1 && !isUtf8(text[from] & 0xff, text[from + 1] & 0xff)) {
      throw new CharConversionException("it is in UTF-16 or UTF-32; send UTF-8");
    }
    return factory.createParser(text, from, length);
  }

  /** By its first bytes, as the parser tells them, which would take it and lose count of bytes. */
  private static boolean isUtf8(int first, int second) {
    boolean marked = first >= 0xfe && second >= 0xfe;
    return !marked && first != 0 && second != 0;
  }

  /** What writes one JSON text. */
  interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

  byte[] write(Writing writing) {
    try (ByteArrayBuilder bytes = new ByteArrayBuilder()) {
      try (JsonGenerator generator = factory.createGenerator(bytes)) {
        writing.to(generator);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing JSON to memory failed", e);
    }
  }

  /** {@return the answer to a request that is refused: an object that says why} */
  Reply refusal(RequestException problem) {
    byte[] text =
        write(
            out -> {
              out.writeStartObject();
              out.writeStringField("error", problem.getMessage());
              out.writeEndObject();
            });
    return new Reply(problem.status(), Reply.JSON, problem.headers(), List.of(text));
  }

  /**
   * Goes to the next field of an object that has a value, and to that: null is as if it were not
   * there.
   *
   * @return the field's name; null at the object's end
   */
  static String nextField(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NULL) {
        return name;
      }
    }
    return null;
  }

  /** Reads one field of an object, true or false; false if it is not there. */
  boolean flag(byte[] text, String name) throws RequestException {
    boolean flag = false;
    try (JsonParser parser = parser(text, 0, text.length)) {
      expect(parser.nextToken(), JsonToken.START_OBJECT, "the request");
      for (String field = nextField(parser); field != null; field = nextField(parser)) {
        if (field.equals(name)) {
          flag = bool(parser, name);
        }
        parser.skipChildren();
      }
      expectEnd(parser);
    } catch (IOException e) {
      throw malformed(e);
    }
    return flag;
  }

  /** Refuses what is no object, and parameters in it that are not known. */
  void checkParameters(byte[] text, Set<String> known) throws RequestException {
    try (JsonParser parser = parser(text, 0, text.length)) {
      expect(parser.nextToken(), JsonToken.START_OBJECT, "the request");
      for (String field = nextField(parser); field != null; field = nextField(parser)) {
        if (!field.equals("parameters")) {
          parser.skipChildren();
          continue;
        }
        expect(parser.currentToken(), JsonToken.START_OBJECT, "parameters");
        for (String one = nextField(parser); one != null; one = nextField(parser)) {
          if (!known.contains(one)) {
            throw RequestException.bad("the parameter '" + one + "' cannot be given here");
          }
          parser.skipChildren();
        }
      }
      expectEnd(parser);
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  static void expect(JsonToken actual, JsonToken wanted, String where) throws RequestException {
    if (actual != wanted) {
      String kind = wanted == JsonToken.START_ARRAY ? "a JSON array" : "a JSON object";
      throw RequestException.bad(where + " is not " + kind);
    }
  }

  static void expectEnd(JsonParser parser) throws IOException, RequestException {
    if (parser.nextToken() != null) {
      throw RequestException.bad(
          "unexpected text after the JSON object, at byte "
              + parser.currentTokenLocation().getByteOffset());
    }
  }

  static String string(JsonParser parser, String where) throws IOException, RequestException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw RequestException.bad(where + " is not a string");
    }
    return parser.getText();
  }

  static boolean bool(JsonParser parser, String where) throws RequestException {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw RequestException.bad(where + " is neither true nor false");
    };
  }

  /** Reads an integer; 3.0 is one, 3.5 is not. */
  static long integer(JsonParser parser, String where) throws IOException, RequestException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
        throw RequestException.bad(where + " has " + parser.getText() + ", which is beyond int64");
      }
      return parser.getLongValue();
    }
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_FLOAT) {
      double value = parser.getDoubleValue();
      if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
        return (long) value;
      }
    }
    throw RequestException.bad(where + " has '" + shorten(parser) + "', which is not an integer");
  }

  /** Reads a finite float; an integer will do. */
  static float number(JsonParser parser, String where) throws IOException, RequestException {
    if (!parser.currentToken().isNumeric()) {
      throw RequestException.bad(where + " has '" + shorten(parser) + "', which is not a number");
    }
    float value = parser.getFloatValue();
    if (!Float.isFinite(value)) {
      throw RequestException.bad(where + " has " + shorten(parser) + ", which is beyond float32");
    }
    return value;
  }

  static RequestException malformed(IOException e) {
    if (e instanceof StreamConstraintsException) {
      return RequestException.bad("JSON beyond the limits: " + firstLine(e.getMessage()));
    }
    if (e instanceof JsonProcessingException json) {
      String message = firstLine(json.getOriginalMessage());
      String place =
          json.getLocation() == null ? "" : " at byte " + json.getLocation().getByteOffset();
      if (message.startsWith("Non-standard token")) {
        return RequestException.bad(
            "malformed JSON" + place + ": NaN and Infinity are not JSON; send finite numbers");
      }
      return RequestException.bad("malformed JSON" + place + ": " + message);
    }
    return RequestException.bad("malformed JSON: " + e.getMessage());
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }

  private static String shorten(JsonParser parser) throws IOException {
    String text = parser.getText();
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
