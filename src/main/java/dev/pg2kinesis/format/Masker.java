package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.change.Value;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Masks values. For one thread. */
public final class Masker {

  /** What stands for what is hidden. */
  static final String HIDDEN = "***";

  private static final String ALGORITHM = "HmacSHA256";

  private final @Nullable Mac mac;

  /**
   * @param key the key of {@code hmac}; null if no column has that mask
   */
  public Masker(byte @Nullable [] key) {
    this.mac = key == null ? null : mac(key);
  }

  private static Mac mac(byte[] key) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has HMAC-SHA-256", e);
    }
  }

  /** NULL and values that the WAL does not hold stay as they are. */
  Value masked(Mask mask, Type type, Value value) {
    return value instanceof Value.Text text
        ? Value.of(masked(mask, withoutPadding(type, text.text())))
        : value;
  }

  private String masked(Mask mask, String text) {
    if (mask instanceof Mask.Hmac) {
      return hmac(text);
    }
    if (mask instanceof Mask.Last last) {
      int hidden = text.codePointCount(0, text.length()) - last.characters();
      return hidden <= 0 ? HIDDEN : HIDDEN + text.substring(text.offsetByCodePoints(0, hidden));
    }
    if (mask instanceof Mask.Truncate truncate) {
      boolean fits = text.codePointCount(0, text.length()) <= truncate.characters();
      return fits ? text : text.substring(0, text.offsetByCodePoints(0, truncate.characters()));
    }
    return HIDDEN;
  }

  /** Blanks at the end of {@code character(n)} are none of its value. */
  private static String withoutPadding(Type type, String text) {
    if (!type.base().name().equals("character")) {
      return text;
    }
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(0, end);
  }

  private String hmac(String text) {
    if (mac == null) {
      throw new IllegalStateException("a column is masked with hmac, and there is no key");
    }
    return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
  }
}
