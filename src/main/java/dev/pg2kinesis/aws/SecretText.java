package dev.pg2kinesis.aws;

import dev.pg2kinesis.aws.AwsException.Code;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses the JSON of a database secret: {@code username} and {@code password}, as RDS writes them,
 * and optionally {@code host}, {@code port} and {@code dbname} ("JSON structure of AWS Secrets
 * Manager secrets"). Other fields are ignored.
 */
final class SecretText {

  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,5}");

  private SecretText() {}

  static Login parse(String secretId, String text) {
    Object value;
    try {
      value = PlainJson.readLenient(text);
    } catch (IOException e) {
      // The parser's exception is not the cause, since its message quotes the text.
      throw invalid(secretId, "is not JSON");
    }
    if (!(value instanceof Map<?, ?> secret)) {
      throw invalid(secretId, "is not a JSON object");
    }
    return new Login(
        required(secretId, secret, "username"),
        required(secretId, secret, "password"),
        optional(secretId, secret, "host"),
        port(secretId, secret),
        optional(secretId, secret, "dbname"));
  }

  private static String required(String secretId, Map<?, ?> secret, String field) {
    String value = optional(secretId, secret, field);
    if (value == null) {
      throw invalid(secretId, "has no " + field);
    }
    return value;
  }

  private static @Nullable String optional(String secretId, Map<?, ?> secret, String field) {
    Object value = secret.get(field);
    if (value == null) {
      return null;
    }
    if (!(value instanceof String text)) {
      throw invalid(secretId, "has a " + field + " that is not a string");
    }
    // It ends a text of the protocol: what follows would be read as another parameter of the
    // session.
    if (text.indexOf('\0') >= 0) {
      throw invalid(secretId, "has a " + field + " that holds a zero character");
    }
    return text.isEmpty() ? null : text;
  }

  private static @Nullable Integer port(String secretId, Map<?, ?> secret) {
    Object value = secret.get("port");
    if (value == null) {
      return null;
    }
    int port = 0; // which is refused
    if (value instanceof Integer number) {
      port = number;
    } else if (value instanceof String text && DIGITS.matcher(text).matches()) {
      port = Integer.parseInt(text); // secrets written by hand often quote it
    }
    if (port < 1 || port > 65_535) {
      throw invalid(secretId, "has a port that is not a number from 1 to 65535");
    }
    return port;
  }

  private static AwsException invalid(String secretId, String what) {
    return new AwsException(
        Code.SECRET_INVALID,
        "secret "
            + secretId
            + " "
            + what
            + "; expected {\"username\": \"…\", \"password\": \"…\"} and optionally host, port and"
            + " dbname",
        null);
  }
}
