package dev.pg2kinesis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * Draws figures of {@code src/docs/benchmarks.md} as SVG: drain time against backlog, and quota
 * used against shards. A table is found by its columns, so the drawings follow the document. Runs
 * from its source: {@code java Plot.java}.
 */
final class Plot {

  private static final int WIDTH = 850;
  private static final int HEIGHT = 380;
  private static final int LEFT = 60;
  private static final int RIGHT = 480;
  private static final int TOP = 40;
  private static final int BOTTOM = 330;

  /** Told apart by those who see fewer colours: Okabe and Ito. */
  private static final List<String> COLOURS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000");

  private final StringBuilder svg = new StringBuilder();
  private final Axis x;
  private final Axis y;
  private int series;

  private Plot(String title, Axis x, Axis y) {
    this.x = x;
    this.y = y;
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" \
        font-size="12" fill="#222">
        <rect width="100%%" height="100%%" fill="#fff"/>
        """
            .formatted(WIDTH, HEIGHT));
    text(LEFT, 22, "start", title);
    for (double tick : x.ticks()) {
      line(x(tick), TOP, x(tick), BOTTOM, "#ddd");
      text(x(tick), BOTTOM + 18, "middle", x.label(tick));
    }
    for (double tick : y.ticks()) {
      line(LEFT, y(tick), RIGHT, y(tick), "#ddd");
      text(LEFT - 6, y(tick) + 4, "end", y.label(tick));
    }
    text((LEFT + RIGHT) / 2.0, BOTTOM + 38, "middle", x.name());
  }

  /** Writes the drawings beside the document, or to the folder that is named. */
  public static void main(String[] arguments) throws IOException {
    Path docs = Path.of("src/docs");
    Path folder = arguments.length > 0 ? Path.of(arguments[0]) : docs;
    List<Table> tables = Table.in(Files.readString(docs.resolve("benchmarks.md")));
    Files.writeString(folder.resolve("drain.svg"), drain(tables));
    Files.writeString(folder.resolve("quota.svg"), quota(tables));
  }

  /** The first table that has three backlogs of something, or more. */
  private static String drain(List<Table> tables) {
    for (Table table : tables) {
      Map<String, Map<Double, Double>> series =
          table.series("changes", table.has("s") ? "s" : "seconds", Math::max);
      series.values().removeIf(points -> points.size() < 3);
      if (!series.isEmpty()) {
        double most = most(series, false);
        Plot plot =
            new Plot(
                "Seconds to drain a backlog",
                Axis.linear("changes", 0, most(series, true)),
                Axis.linear("s", 0, most));
        series.forEach(plot::series);
        return plot.end();
      }
    }
    throw new IllegalStateException("no table with three backlogs");
  }

  /** The least that any setting used, for each packing. */
  private static String quota(List<Table> tables) {
    Table table =
        tables.stream()
            .filter(each -> each.has("of the quota") && each.has("shards"))
            .findFirst()
            .orElseThrow();
    Plot plot =
        new Plot(
            "Quota used while throttled, in per cent: the lowest of all settings",
            Axis.doubling("shards", 1, 64),
            Axis.linear("%", 90, 100));
    table
        .only("shards", "packing", "of the quota")
        .series("shards", "of the quota", Math::min)
        .forEach(plot::series);
    return plot.end();
  }

  private static double most(Map<String, Map<Double, Double>> series, boolean ofKeys) {
    return series.values().stream()
        .flatMap(points -> (ofKeys ? points.keySet() : points.values()).stream())
        .mapToDouble(Double::doubleValue)
        .max()
        .orElse(1);
  }

  private void series(String name, Map<Double, Double> points) {
    String colour = COLOURS.get(series % COLOURS.size());
    String dashes = series < COLOURS.size() ? "none" : "5 3";
    StringBuilder path = new StringBuilder();
    points.forEach(
        (px, py) -> {
          path.append(path.isEmpty() ? 'M' : 'L').append(number(x(px))).append(' ');
          path.append(number(y(py)));
          svg.append(
              "<circle cx=\"%s\" cy=\"%s\" r=\"3\" fill=\"%s\"/>%n"
                  .formatted(number(x(px)), number(y(py)), colour));
        });
    svg.append(
        "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"/>%n"
            .formatted(path, colour, dashes));
    double at = TOP + 10 + 18.0 * series;
    svg.append(
        "<path d=\"M%d %sh18\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"/>%n"
            .formatted(RIGHT + 12, number(at), colour, dashes));
    text(RIGHT + 36, at + 4, "start", name);
    series++;
  }

  private String end() {
    return svg.append("</svg>\n").toString();
  }

  private double x(double value) {
    return LEFT + x.place(value) * (RIGHT - LEFT);
  }

  private double y(double value) {
    return BOTTOM - y.place(value) * (BOTTOM - TOP);
  }

  private void line(double fromX, double fromY, double toX, double toY, String colour) {
    svg.append(
        "<path d=\"M%s %sL%s %s\" stroke=\"%s\"/>%n"
            .formatted(number(fromX), number(fromY), number(toX), number(toY), colour));
  }

  private void text(double atX, double atY, String anchor, String text) {
    svg.append(
        "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>%n"
            .formatted(
                number(atX),
                number(atY),
                anchor,
                text.replace("&", "&amp;").replace("<", "&lt;").replace("`", "")));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /** A scale: where values lie between 0 and 1. */
  private record Axis(String name, double from, double to, double step, DoubleUnaryOperator scale) {

    /** Extends to a round number. */
    static Axis linear(String name, double from, double most) {
      double step = Math.pow(10, Math.floor(Math.log10((most - from) / 2)));
      while ((most - from) / step > 6) {
        step *= 2;
      }
      return new Axis(
          name, from, from + Math.ceil((most - from) / step) * step, step, value -> value);
    }

    /** Each step is four times the one before. */
    static Axis doubling(String name, double from, double to) {
      return new Axis(name, from, to, 4, Math::log);
    }

    double place(double value) {
      double start = scale.applyAsDouble(from);
      return (scale.applyAsDouble(value) - start) / (scale.applyAsDouble(to) - start);
    }

    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      boolean doubling = scale.applyAsDouble(1) == 0 && from > 0;
      for (double tick = from; tick <= to * 1.001; tick = doubling ? tick * step : tick + step) {
        ticks.add(tick);
      }
      return ticks;
    }

    String label(double tick) {
      return tick >= 1_000
          ? String.format(Locale.ROOT, "%,.0f", tick)
          : String.format(Locale.ROOT, tick == Math.rint(tick) ? "%.0f" : "%.1f", tick);
    }
  }

  /** A Markdown table. */
  private record Table(List<String> columns, List<List<String>> rows) {

    static List<Table> in(String document) {
      List<Table> tables = new ArrayList<>();
      List<List<String>> lines = new ArrayList<>();
      for (String line : (document + "\n").split("\n", -1)) {
        if (line.startsWith("|")) {
          lines.add(
              Arrays.stream(line.substring(1, line.lastIndexOf('|')).split("\\|", -1))
                  .map(String::strip)
                  .toList());
        } else if (!lines.isEmpty()) {
          tables.add(
              new Table(
                  lines.get(0),
                  List.copyOf(lines.subList(Math.min(2, lines.size()), lines.size()))));
          lines.clear();
        }
      }
      return tables;
    }

    boolean has(String column) {
      return columns.contains(column);
    }

    /** The table with these columns and no other. */
    Table only(String... names) {
      List<Integer> places = Arrays.stream(names).map(columns::indexOf).toList();
      return new Table(
          List.of(names),
          rows.stream().map(row -> places.stream().map(row::get).toList()).toList());
    }

    /**
     * Numbers against numbers, for each combination of the columns before them. A column counts if
     * it is not the same in all rows that begin alike.
     *
     * @param merge of rows that differ in nothing else
     */
    Map<String, Map<Double, Double>> series(
        String across, String up, BinaryOperator<Double> merge) {
      Map<String, Map<Double, Double>> series = new LinkedHashMap<>();
      int atX = columns.indexOf(across);
      int atY = columns.indexOf(up);
      if (atX < 0 || atY < 0) {
        return series;
      }
      for (List<String> row : rows) {
        series
            .computeIfAbsent(name(row, atX, atY), name -> new TreeMap<>())
            .merge(number(row.get(atX)), number(row.get(atY)), merge);
      }
      return series;
    }

    private String name(List<String> row, int atX, int atY) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < atY; i++) {
        int column = i;
        if (i != atX
            && rows.stream()
                    .filter(each -> column == 0 || each.get(0).equals(row.get(0)))
                    .map(each -> each.get(column))
                    .distinct()
                    .count()
                > 1) {
          names.add(row.get(i));
        }
      }
      return String.join(", ", names);
    }

    private static double number(String cell) {
      return Double.parseDouble(cell.replaceAll("[^0-9.]", ""));
    }
  }
}
