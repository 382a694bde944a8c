package dev.pg2kinesis;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Invariant I5 and the direction of dependencies: the middle is pure, the edges are known. */
@AnalyzeClasses(packages = "dev.pg2kinesis", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  private static final String[] PURE = {"..change..", "..decode..", "..format.."};

  @ArchTest
  static final ArchRule databaseOnlyInSlot =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.pg2kinesis.slot..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..");

  @ArchTest
  static final ArchRule kinesisOnlyInPublish =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.pg2kinesis.publish..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("software.amazon.awssdk.services.kinesis..");

  @ArchTest
  static final ArchRule sdkOnlyAtItsEdges =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.pg2kinesis.publish..", "dev.pg2kinesis.aws..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("software.amazon.awssdk..");

  @ArchTest
  static final ArchRule environmentOnlyInSettings =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.pg2kinesis.Settings")
          .should()
          .callMethod(System.class, "getenv")
          .orShould()
          .callMethod(System.class, "getenv", String.class);

  @ArchTest
  static final ArchRule theMiddleIsPure =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.file..", "java.net..", "java.util.logging..")
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(
              java.io.File.class,
              java.time.Clock.class,
              java.time.InstantSource.class,
              System.Logger.class,
              Thread.class)
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(java.time.Instant.class, "now");

  @ArchTest
  static final ArchRule changeKnowsNothingElse =
      noClasses()
          .that()
          .resideInAPackage("dev.pg2kinesis.change..")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages("java..", "org.jspecify..", "dev.pg2kinesis.change..");

  @ArchTest
  static final ArchRule decodeKnowsOnlyChange =
      noClasses()
          .that()
          .resideInAPackage("dev.pg2kinesis.decode..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.pg2kinesis",
              "dev.pg2kinesis.slot..",
              "dev.pg2kinesis.format..",
              "dev.pg2kinesis.publish..",
              "dev.pg2kinesis.aws..");

  @ArchTest
  static final ArchRule formatKnowsOnlyChange =
      noClasses()
          .that()
          .resideInAPackage("dev.pg2kinesis.format..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.pg2kinesis",
              "dev.pg2kinesis.slot..",
              "dev.pg2kinesis.decode..",
              "dev.pg2kinesis.publish..",
              "dev.pg2kinesis.aws..");

  @ArchTest
  static final ArchRule publishKnowsOnlyRecords =
      noClasses()
          .that()
          .resideInAPackage("dev.pg2kinesis.publish..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.pg2kinesis", "dev.pg2kinesis.slot..", "dev.pg2kinesis.decode..");
}
