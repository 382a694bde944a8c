package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/** JSON that goes into a record as it was written. */
final class EmbeddedJson {

  /** Keeps no names: they are an application's, and without number. */
  private static final JsonFactory STRICT =
      new JsonFactoryBuilder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  private EmbeddedJson() {}

  /** Whether the text is exactly one JSON object or array. */
  static boolean isContainer(String text) {
    try (JsonParser parser = STRICT.createParser(text)) {
      if (parser.nextToken() == null || !parser.currentToken().isStructStart()) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * The same JSON without line breaks, which JSON has only between its tokens, so that records can
   * be told apart by lines.
   */
  static String inOneLine(String json) {
    return json.replace('\n', ' ').replace('\r', ' ');
  }
}
