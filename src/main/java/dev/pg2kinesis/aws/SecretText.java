package dev.pg2kinesis.aws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.aws.AwsException.Code;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses the JSON of a database secret: {@code username} and {@code password}, as RDS writes them,
 * and optionally {@code host}, {@code port} and {@code dbname} ("JSON structure of AWS Secrets
 * Manager secrets"). Other fields are ignored.
 */
final class SecretText {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,5}");

  private SecretText() {}

  static Login parse(String secretId, String text) {
    JsonNode secret;
    try {
      secret = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      // The parser's exception is not the cause, since its message quotes the text.
      throw invalid(secretId, "is not JSON");
    }
    if (!secret.isObject()) {
      throw invalid(secretId, "is not a JSON object");
    }
    return new Login(
        required(secretId, secret, "username"),
        required(secretId, secret, "password"),
        optional(secretId, secret, "host"),
        port(secretId, secret),
        optional(secretId, secret, "dbname"));
  }

  private static String required(String secretId, JsonNode secret, String field) {
    String value = optional(secretId, secret, field);
    if (value == null) {
      throw invalid(secretId, "has no " + field);
    }
    return value;
  }

  private static @Nullable String optional(String secretId, JsonNode secret, String field) {
    JsonNode value = secret.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw invalid(secretId, "has a " + field + " that is not a string");
    }
    // It ends a text of the protocol: what follows would be read as another parameter of the
    // session.
    if (value.textValue().indexOf('\0') >= 0) {
      throw invalid(secretId, "has a " + field + " that holds a zero character");
    }
    return value.textValue().isEmpty() ? null : value.textValue();
  }

  private static @Nullable Integer port(String secretId, JsonNode secret) {
    JsonNode value = secret.path("port");
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    // Secrets written by hand often quote the number. Anything else becomes 0 and is refused.
    boolean number =
        value.isInt() || (value.isTextual() && DIGITS.matcher(value.asText()).matches());
    int port = number ? value.asInt(0) : 0;
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
