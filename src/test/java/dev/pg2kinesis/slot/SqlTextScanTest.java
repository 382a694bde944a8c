package dev.pg2kinesis.slot;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * SQL is text of the program, and values are its parameters. This looks through the product's
 * source for everything else that SQL is put together from. Each such expression is in the list
 * below, which says why it is no data or how it is quoted.
 */
class SqlTextScanTest {

  private static final Path SOURCES = Path.of("src/main/java");

  /** A literal that is a part of a statement. */
  private static final Pattern SQL =
      Pattern.compile(
          "^(?:\\s*(?:SELECT|COPY|INSERT|UPDATE|DELETE|SET|RESET|CREATE|ALTER|DROP|WITH|CALL|DO) "
              + "|.*\\b(?:FROM|WHERE|ORDER BY|LIMIT|JOIN|COLLATE|OPERATOR\\(|pg_\\w+\\()).*",
          Pattern.DOTALL);

  private static final Pattern CONSTANT = Pattern.compile("(?:\\w+\\.)*[A-Z][A-Z0-9_]*");

  private static final List<String> EXPECTED =
      List.of(
          // Collations, operators and types come from the catalog, which quotes them itself
          // (quote_ident, format_type); the rest is made of expressions that are looked at here.
          "ChunkQuery: String.join(\" AND \", conditions)",
          "ChunkQuery: column.collation()",
          "ChunkQuery: column.greater()",
          "ChunkQuery: column.greaterOrEqual()",
          "ChunkQuery: column.less()",
          "ChunkQuery: conditions.isEmpty() ? \"\" : \" WHERE \" + String.join(\" AND \", conditions)",
          "ChunkQuery: expression(column)",
          "ChunkQuery: literal",
          "ChunkQuery: order()",
          "ChunkQuery: rows", // a number
          "ChunkQuery: shape.columns().stream().map((column)->SqlText.identifier(column.name()))"
              + ".collect(Collectors.joining(\", \"))",
          "PostgresSlot: call.upTo(upTo, rows)", // PeekCall quotes the slot's name and the options
          "PostgresSlot: status", // one of two texts
          "PostgresTables: function", // one of two texts
          "Session: millis(timeout)", // a number
          "SlotFailure: plugin", // in a message
          "Timeline: synced", // one of two texts
          "UndecodableSearch: ofCopy.getUpTo(inside)"); // PeekCall again

  @Test
  void sqlIsTextOfTheProgram() throws IOException {
    assertThat(foreign()).containsExactlyInAnyOrderElementsOf(EXPECTED);
  }

  private static Set<String> foreign() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(SOURCES)) {
      files =
          all.filter(path -> path.toString().contains("/slot/"))
              .filter(Files::isRegularFile)
              .toList();
    }
    Set<String> foreign = new TreeSet<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(files));
      for (CompilationUnitTree unit : task.parse()) {
        String name = Path.of(unit.getSourceFile().getName()).getFileName().toString();
        new Concatenations(name.replace(".java", ""), foreign).scan(unit, null);
      }
    }
    return foreign;
  }

  private static final class Concatenations extends TreeScanner<@Nullable Void, @Nullable Void> {
    private final String file;
    private final Set<String> foreign;

    Concatenations(String file, Set<String> foreign) {
      this.file = file;
      this.foreign = foreign;
    }

    @Override
    public @Nullable Void visitBinary(BinaryTree tree, @Nullable Void nothing) {
      if (tree.getKind() == Tree.Kind.PLUS) {
        List<ExpressionTree> operands = new ArrayList<>();
        flatten(tree, operands);
        if (operands.stream().anyMatch(Concatenations::isSql)) {
          operands.stream()
              .filter(operand -> !isText(operand))
              .map(operand -> operand.toString().replaceAll("\\s+", " "))
              .filter(text -> !CONSTANT.matcher(text).matches())
              .forEach(text -> foreign.add(file + ": " + text));
        }
        operands.forEach(operand -> scan(operand, null));
        return null;
      }
      return super.visitBinary(tree, null);
    }

    private static void flatten(ExpressionTree tree, List<ExpressionTree> operands) {
      ExpressionTree inner =
          tree instanceof ParenthesizedTree parenthesized ? parenthesized.getExpression() : tree;
      if (inner instanceof BinaryTree plus && plus.getKind() == Tree.Kind.PLUS) {
        flatten(plus.getLeftOperand(), operands);
        flatten(plus.getRightOperand(), operands);
      } else {
        operands.add(inner);
      }
    }

    /** A literal, one of several literals, or what was quoted. */
    private static boolean isText(ExpressionTree operand) {
      if (operand instanceof ParenthesizedTree parenthesized) {
        return isText(parenthesized.getExpression());
      }
      if (operand instanceof ConditionalExpressionTree choice) {
        return isText(choice.getTrueExpression()) && isText(choice.getFalseExpression());
      }
      if (operand instanceof BinaryTree plus && plus.getKind() == Tree.Kind.PLUS) {
        return isText(plus.getLeftOperand()) && isText(plus.getRightOperand());
      }
      return operand instanceof LiteralTree
          || (operand instanceof MethodInvocationTree call
              && call.getMethodSelect().toString().matches("SqlText\\.(identifier|literal)"));
    }

    private static boolean isSql(ExpressionTree operand) {
      return operand instanceof LiteralTree literal
          && literal.getValue() instanceof String text
          && SQL.matcher(text).matches();
    }
  }
}
