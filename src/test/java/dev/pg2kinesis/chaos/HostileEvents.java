package dev.pg2kinesis.chaos;

import dev.pg2kinesis.command.CommandRefusedException.Code;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Events that nobody should send, and how they are to be refused. */
final class HostileEvents {

  /** An error goes to the log, which is no place for what a stranger wrote. */
  private static final int LONGEST_MESSAGE = 1_000;

  private static final List<String> EVENTS =
      List.of(
          "",
          " ",
          "null",
          "true",
          "-1e999",
          "\"poll\"",
          "[{\"action\":\"drop-slot\"}]",
          "{",
          "{\"action\":\"poll\"}{\"action\":\"poll\"}",
          "{\"action\":\"poll\",\"action\u0000\":1}",
          "{\"action\":\"POLL\"}",
          "{\"action\":\"poll \"}",
          "{\"action\":\"p\u043ell\"}",
          "{\"action\":null}",
          "{\"action\":7}",
          "{\"action\":[\"poll\"]}",
          "{\"action\":{\"poll\":true}}",
          "{\"action\":\"'; DROP TABLE t0; --\"}",
          "{\"action\":\"\\u0007\\u001b[2J\\r\\nfatal\\u202e\"}",
          "{\"unknown\":1}",
          "{\"action\":\"poll\",\"limit\":1}",
          "{\"action\":\"poll\",\"we\\\"ird\\\\ \\n\uD83D\uDE00\":\"\"}",
          "{\"action\":\"poll\",\"acceptGap\":5}",
          "{\"action\":\"poll\",\"acceptGap\":\"0/0'; DROP TABLE t0; --\"}",
          "{\"action\":\"peek\",\"limit\":\"5\"}",
          "{\"action\":\"peek\",\"limit\":-1}",
          "{\"action\":\"peek\",\"limit\":1e99}",
          "{\"action\":\"peek\",\"limit\":99999999999999999999}",
          "{\"action\":\"status\",\"limit\":1}",
          "{\"action\":\"create-slot\",\"plugin\":{}}",
          "{\"action\":\"create-slot\",\"failover\":\"true\"}",
          "{\"action\":\"drop-slot\"}",
          "{\"action\":\"drop-slot\",\"confirm\":true}",
          "{\"action\":\"drop-slot\",\"confirm\":\"' OR true --\"}",
          "{\"action\":\"skip\"}",
          "{\"action\":\"skip\",\"to\":\"FFFFFFFF/FFFFFFFFF\"}",
          "{\"action\":\"snapshot\"}",
          "{\"action\":\"snapshot\",\"tables\":\"public.t0\"}",
          "{\"action\":\"snapshot\",\"tables\":[1]}",
          "{\"action\":\"snapshot\",\"tables\":[\"(\"]}",
          "{\"detail\":{\"action\":\"poll\"},\"action\":\"drop-slot\"}",
          "{\"detail\":\"{\\\"action\\\":\\\"drop-slot\\\"}\"}",
          "{\"detail\":\"[\"}",
          "{\"detail\":5}",
          "{\"" + "x".repeat(1 << 20) + "\":1}",
          "{\"action\":\"" + "\uD83D\uDE00".repeat(1 << 18) + "\"}",
          "[".repeat(100_000),
          "{\"action\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}",
          "{\"action\":\"peek\",\"limit\":" + "9".repeat(100_000) + "}");

  private HostileEvents() {}

  /** What is wrong with how a function takes these events; it must obey none of them. */
  static List<String> wrongs(InProcess function) {
    List<String> wrongs = new ArrayList<>();
    for (int i = 0; i < EVENTS.size(); i++) {
      String wrong = wrong(function.refusal(EVENTS.get(i)));
      if (wrong != null) {
        wrongs.add("hostile event " + i + " " + wrong);
      }
    }
    return wrongs;
  }

  static int count() {
    return EVENTS.size();
  }

  private static @Nullable String wrong(@Nullable String message) {
    if (message == null) {
      return "was obeyed";
    }
    if (Arrays.stream(Code.values()).noneMatch(code -> message.startsWith(code + ": "))) {
      return "ended with another error than a refusal";
    }
    if (message.length() > LONGEST_MESSAGE) {
      return "has an error of " + message.length() + " characters";
    }
    return message.codePoints().anyMatch(c -> Character.isISOControl(c) || c == 0x202e)
        ? "has an error with control characters"
        : null;
  }
}
