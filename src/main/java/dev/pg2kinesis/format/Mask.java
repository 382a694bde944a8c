package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Type;
import org.jspecify.annotations.Nullable;

/** What the setting {@code MASK_COLUMNS} does to the values of a column. Pure; NULL stays NULL. */
sealed interface Mask {

  /** The longest text that a mask may keep. */
  int MAX_LENGTH = 1_000_000;

  /** The name in the setting. */
  String settingName();

  /**
   * Whether equal values stay equal and different ones different, so that a masked key still tells
   * rows apart.
   */
  default boolean keepsIdentity() {
    return false;
  }

  /** Whether values of the type can be masked so. */
  default boolean fits(Type type) {
    return true;
  }

  /** The same text for every value. */
  record Redact() implements Mask {
    @Override
    public String settingName() {
      return "redact";
    }
  }

  /** HMAC-SHA-256 of the value's text. */
  record Hmac() implements Mask {
    @Override
    public String settingName() {
      return "hmac";
    }

    @Override
    public boolean keepsIdentity() {
      return true;
    }
  }

  /**
   * The last characters, of a longer text.
   *
   * @param characters how many
   */
  record Last(int characters) implements Mask {
    @Override
    public String settingName() {
      return "last:" + characters;
    }

    @Override
    public boolean fits(Type type) {
      return isText(type);
    }
  }

  /**
   * The first characters.
   *
   * @param characters how many at most
   */
  record Truncate(int characters) implements Mask {
    @Override
    public String settingName() {
      return "truncate:" + characters;
    }

    @Override
    public boolean fits(Type type) {
      return isText(type);
    }
  }

  /**
   * Reads a mask's name.
   *
   * @return null if there is no such mask
   */
  static @Nullable Mask parse(String name) {
    int colon = name.indexOf(':');
    if (colon < 0) {
      return switch (name) {
        case "redact" -> new Redact();
        case "hmac" -> new Hmac();
        default -> null;
      };
    }
    String length = name.substring(colon + 1);
    if (!length.matches("[1-9][0-9]{0,6}") || Integer.parseInt(length) > MAX_LENGTH) {
      return null;
    }
    return switch (name.substring(0, colon)) {
      case "last" -> new Last(Integer.parseInt(length));
      case "truncate" -> new Truncate(Integer.parseInt(length));
      default -> null;
    };
  }

  /** Whether the values are texts, of which a part is a text of the same kind. */
  private static boolean isText(Type type) {
    return type.base() instanceof Type.Scalar scalar
        && switch (scalar.name()) {
          case "text", "character varying", "character", "\"char\"", "name" -> true;
          default -> isCitext(scalar);
        };
  }

  /** The extension's type, in whichever schema it was created; its kind is lost once it is gone. */
  private static boolean isCitext(Type.Scalar type) {
    return type.name().endsWith(".citext")
        && (type.kind() == Type.Kind.BASE || type.kind() == Type.Kind.UNKNOWN);
  }
}
