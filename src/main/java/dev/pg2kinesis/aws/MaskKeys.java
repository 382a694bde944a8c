package dev.pg2kinesis.aws;

import dev.pg2kinesis.aws.AwsException.Code;
import java.nio.charset.StandardCharsets;

/**
 * Reads the key of HMAC masks from a secret of Secrets Manager: the whole text of the secret, in
 * UTF-8.
 */
public final class MaskKeys {

  /** Shorter keys are weaker than SHA-256 (RFC 2104, section 3). */
  static final int MIN_BYTES = 32;

  private MaskKeys() {}

  /**
   * Fetches the key.
   *
   * @param secretId name or ARN of the secret
   */
  public static byte[] fetch(String secretId, AwsClients clients) {
    return parse(secretId, new SecretReader(secretId, "MASK_SECRET_ID", clients).text());
  }

  /** The console stores objects, which a change of their spelling would make another key. */
  static byte[] parse(String secretId, String text) {
    byte[] key = text.getBytes(StandardCharsets.UTF_8);
    if (text.stripLeading().startsWith("{") || key.length < MIN_BYTES) {
      throw new AwsException(
          Code.SECRET_INVALID,
          "secret "
              + secretId
              + (key.length < MIN_BYTES ? " is too short" : " is a JSON object")
              + "; expected the key of MASK_COLUMNS alone, as text of "
              + MIN_BYTES
              + " bytes or more, such as openssl rand -hex 32 prints",
          null);
    }
    return key;
  }
}
