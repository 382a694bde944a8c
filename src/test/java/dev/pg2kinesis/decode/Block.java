package dev.pg2kinesis.decode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One case of a table of expectations, which is a text file of the test resources: a block of lines
 * between blank lines, each with a mark and a text behind it. {@code #} names the case, {@code >}
 * is what a plugin prints, {@code <} a change that it means; other marks stand at the head of the
 * file. Control characters are written as {@link ControlPictures}.
 *
 * @param lines the lines, marks included
 */
record Block(List<String> lines) {

  private static final Path DIRECTORY = Path.of("src/test/resources/dev/pg2kinesis/decode");

  /** The cases of a file, which come after a first block of prose. */
  static List<Block> read(String file) {
    try {
      List<Block> blocks = new ArrayList<>();
      for (String block : Files.readString(DIRECTORY.resolve(file)).strip().split("\n\n+", -1)) {
        blocks.add(new Block(Arrays.asList(block.split("\n", -1))));
      }
      return blocks.subList(1, blocks.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean has(char mark) {
    return lines.stream().anyMatch(line -> line.charAt(0) == mark);
  }

  /** The texts behind a mark, as they are written. */
  List<String> all(char mark) {
    return lines.stream()
        .filter(line -> line.charAt(0) == mark)
        .map(line -> line.length() < 2 ? "" : line.substring(2))
        .toList();
  }

  /** The text behind a mark that stands once. */
  String one(char mark) {
    List<String> all = all(mark);
    if (all.size() != 1) {
      throw new IllegalStateException(all.size() + " lines with " + mark + " in " + lines);
    }
    return all.get(0);
  }

  /** What a plugin prints, with its control characters. */
  String row(char mark) {
    return ControlPictures.read(one(mark));
  }

  @Override
  public String toString() {
    return lines.get(0);
  }
}
