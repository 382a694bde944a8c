package dev.pg2kinesis.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.chaos.Plan.Step;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShrinkTest {

  @Test
  void onlyWhatFailsTogetherIsLeft() throws Exception {
    Plan plan = Planner.plan(1, null, null);
    Step first = plan.steps().get(3);
    Step second = plan.steps().get(17);
    List<Plan> tried = new ArrayList<>();

    var kept =
        new Shrink(
                smaller -> {
                  tried.add(smaller);
                  return smaller.steps().contains(first) && smaller.steps().contains(second);
                },
                1,
                500)
            .shrink(plan);

    assertThat(kept).containsExactly(3, 17);
    assertThat(plan.keeping(kept).steps()).containsExactly(first, second);
    assertThat(tried.size()).isLessThan(500);
  }

  @Test
  void aFailureThatDoesNotAlwaysComeIsTriedAgain() throws Exception {
    Plan plan = Planner.plan(2, null, null);
    Step only = plan.steps().get(5);
    int[] tries = {0};

    var kept =
        new Shrink(smaller -> tries[0]++ % 2 == 1 && smaller.steps().contains(only), 2, 1_000)
            .shrink(plan);

    assertThat(kept).containsExactly(5);
  }
}
