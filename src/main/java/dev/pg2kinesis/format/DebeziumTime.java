package dev.pg2kinesis.format;

/**
 * Rewrites PostgreSQL's ISO dates and times, as printed in a UTC session, as ISO 8601 texts that
 * end in {@code Z}. Other texts, such as {@code infinity}, stay as they are.
 */
final class DebeziumTime {

  private static final String BEFORE_CHRIST = " BC";
  private static final int SECONDS_PER_DAY = 24 * 60 * 60;
  private static final int MICROSECOND_DIGITS = 6;

  private DebeziumTime() {}

  /** {@code 2024-02-29} as {@code 2024-02-29Z}. */
  static String date(String text) {
    if (!isDigit(text, 0)) {
      return text;
    }
    int end = endOfEra(text);
    StringBuilder iso = new StringBuilder(text.length() + 2);
    appendDate(iso, text, end, end < text.length());
    return iso.append('Z').toString();
  }

  /** {@code 12:30:00.5} as {@code 12:30:00.5Z}. */
  static String time(String text) {
    return isDigit(text, 0) ? text + 'Z' : text;
  }

  /** {@code 2024-02-29 12:30:00.5} as {@code 2024-02-29T12:30:00.5Z}. */
  static String timestamp(String text) {
    int space = text.indexOf(' ');
    int end = endOfEra(text);
    if (space < 0 || space >= end || !isDigit(text, 0)) {
      return text;
    }
    StringBuilder iso = new StringBuilder(text.length() + 2);
    appendDate(iso, text, space, end < text.length());
    return iso.append('T').append(text, space + 1, end).append('Z').toString();
  }

  /** {@code 2024-02-29 12:30:00.5+00} as {@code 2024-02-29T12:30:00.500000Z}. */
  static String timestampAtUtc(String text) {
    int space = text.indexOf(' ');
    int zone = text.indexOf("+00", Math.max(space, 0));
    if (space < 0 || zone < 0 || !isDigit(text, 0)) {
      return text;
    }
    StringBuilder iso = new StringBuilder(text.length() + 8);
    appendDate(iso, text, space, text.endsWith(BEFORE_CHRIST));
    iso.append('T').append(text, space + 1, zone);
    int point = text.indexOf('.', space);
    int digits = point < 0 ? 0 : zone - point - 1;
    if (point < 0) {
      iso.append('.');
    }
    return iso.append("000000", 0, Math.max(0, MICROSECOND_DIGITS - digits)).append('Z').toString();
  }

  /** {@code 12:30:00.5+02} as {@code 10:30:00.5Z}. */
  static String timeAtUtc(String text) {
    int zone = Math.max(text.indexOf('+'), text.indexOf('-'));
    if (zone < 8 || !isDigit(text, 0)) {
      return text;
    }
    int offset = seconds(text, zone + 1, text.length());
    int local = seconds(text, 0, 8);
    if (offset < 0 || local < 0) {
      return text;
    }
    if (offset == 0) {
      return text.substring(0, zone) + 'Z';
    }
    int utc =
        Math.floorMod(text.charAt(zone) == '+' ? local - offset : local + offset, SECONDS_PER_DAY);
    StringBuilder iso = new StringBuilder(text.length());
    appendTwoDigits(iso, utc / 3600).append(':');
    appendTwoDigits(iso, utc / 60 % 60).append(':');
    appendTwoDigits(iso, utc % 60);
    return iso.append(text, 8, zone).append('Z').toString();
  }

  /** {@code 1 year 2 mons -3 days 04:05:06.7} as {@code P1Y2M-3DT4H5M6.7S}. */
  static String interval(String text) {
    String[] parts = {"0", "0", "0", "0", "0", "0"};
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf(' ', at);
      end = end < 0 ? text.length() : end;
      if (text.indexOf(':', at) >= 0 && text.indexOf(':', at) < end) {
        if (!readTime(text.substring(at, end), parts)) {
          return text;
        }
        at = end + 1;
        continue;
      }
      int unitEnd = text.indexOf(' ', end + 1);
      unitEnd = unitEnd < 0 ? text.length() : unitEnd;
      int part = end >= text.length() ? -1 : unit(text.substring(end + 1, unitEnd));
      if (part < 0) {
        return text;
      }
      parts[part] = withoutPlus(text.substring(at, end));
      at = unitEnd + 1;
    }
    return "P" + parts[0] + "Y" + parts[1] + "M" + parts[2] + "DT" + parts[3] + "H" + parts[4] + "M"
        + parts[5] + "S";
  }

  private static int unit(String name) {
    return switch (name) {
      case "year", "years" -> 0;
      case "mon", "mons" -> 1;
      case "day", "days" -> 2;
      default -> -1;
    };
  }

  private static boolean readTime(String time, String[] parts) {
    int first = time.indexOf(':');
    int second = time.indexOf(':', first + 1);
    int digits = isDigit(time, 0) ? 0 : 1;
    if (second < 0 || digits > first) {
      return false;
    }
    String sign = time.startsWith("-") ? "-" : "";
    parts[3] = signed(sign, time.substring(digits, first));
    parts[4] = signed(sign, time.substring(first + 1, second));
    parts[5] = signed(sign, time.substring(second + 1));
    return true;
  }

  private static String signed(String sign, String digits) {
    int start = 0;
    while (start < digits.length() - 1
        && digits.charAt(start) == '0'
        && isDigit(digits, start + 1)) {
      start++;
    }
    String number = digits.substring(start);
    return number.equals("0") ? number : sign + number;
  }

  private static String withoutPlus(String number) {
    return number.startsWith("+") ? number.substring(1) : number;
  }

  /** ISO 8601 counts years before Christ from 0 down, and marks those of five digits. */
  private static void appendDate(StringBuilder iso, String text, int end, boolean beforeChrist) {
    int dash = text.indexOf('-');
    if (beforeChrist && dash > 0) {
      int year = number(text, 0, dash) - 1;
      iso.append(year > 0 ? "-" : "");
      String digits = Integer.toString(year);
      iso.append("0000", 0, Math.max(0, 4 - digits.length()))
          .append(digits)
          .append(text, dash, end);
    } else {
      iso.append(dash > 4 ? "+" : "").append(text, 0, end);
    }
  }

  private static int endOfEra(String text) {
    return text.endsWith(BEFORE_CHRIST) ? text.length() - BEFORE_CHRIST.length() : text.length();
  }

  /** Seconds of {@code hh[:mm[:ss]]}, or negative where it is none. */
  private static int seconds(String text, int start, int end) {
    int seconds = 0;
    int unit = 3600;
    for (int at = start; at < end; at += 3, unit /= 60) {
      if (at + 2 > end || !isDigit(text, at) || !isDigit(text, at + 1)) {
        return -1;
      }
      seconds += number(text, at, at + 2) * unit;
    }
    return seconds;
  }

  private static int number(String text, int start, int end) {
    int number = 0;
    for (int i = start; i < end; i++) {
      number = number * 10 + (text.charAt(i) - '0');
    }
    return number;
  }

  private static StringBuilder appendTwoDigits(StringBuilder iso, int number) {
    return iso.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }

  private static boolean isDigit(String text, int at) {
    return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }
}
