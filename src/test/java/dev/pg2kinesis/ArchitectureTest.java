package dev.pg2kinesis;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Invariant I5 and the direction of dependencies: the middle is pure, the edges are known. */
@AnalyzeClasses(packages = "dev.pg2kinesis", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  private static final String[] PURE = {
    "..change..", "..decode..", "..format..", "dev.pg2kinesis.publish"
  };

  @ArchTest
  static final ArchRule databaseOnlyInSlot =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.pg2kinesis.slot..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..");

  @ArchTest
  static final ArchRule changeAndErrorNeedNothingElse =
      noClasses()
          .that()
          .resideInAnyPackage("dev.pg2kinesis.change", "dev.pg2kinesis.error")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              "java..", "org.jspecify..", "dev.pg2kinesis.change", "dev.pg2kinesis.error");

  @ArchTest
  static final ArchRule kinesisOnlyInItsClient =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.pg2kinesis.publish.kinesis")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("software.amazon.awssdk.services.kinesis..");

  @ArchTest
  static final ArchRule sdkOnlyAtItsEdges =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.pg2kinesis.publish.kinesis", "dev.pg2kinesis.aws")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("software.amazon.awssdk..");

  @ArchTest
  static final ArchRule environmentOnlyInSettings =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.pg2kinesis.settings.Settings")
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
          .resideInAnyPackage(
              "java.nio.file..",
              "java.net..",
              "java.util.logging..",
              "java.util.concurrent.locks..")
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

  /** Which room may use which. There are no circles, and every room is named. */
  @ArchTest
  static final ArchRule dependenciesPointInward =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("dev.pg2kinesis..")
          .ensureAllClassesAreContainedInArchitecture()
          .layer("root")
          .definedBy("dev.pg2kinesis")
          .layer("command")
          .definedBy("dev.pg2kinesis.command")
          .layer("settings")
          .definedBy("dev.pg2kinesis.settings")
          .layer("relay")
          .definedBy("dev.pg2kinesis.relay")
          .layer("watermark")
          .definedBy("dev.pg2kinesis.watermark")
          .layer("snapshot")
          .definedBy("dev.pg2kinesis.snapshot")
          .layer("window")
          .definedBy("dev.pg2kinesis.window")
          .layer("slot")
          .definedBy("dev.pg2kinesis.slot")
          .layer("decode")
          .definedBy("dev.pg2kinesis.decode")
          .layer("format")
          .definedBy("dev.pg2kinesis.format")
          .layer("publish")
          .definedBy("dev.pg2kinesis.publish")
          .layer("kinesis")
          .definedBy("dev.pg2kinesis.publish.kinesis")
          .layer("aws")
          .definedBy("dev.pg2kinesis.aws")
          .layer("change")
          .definedBy("dev.pg2kinesis.change")
          .layer("error")
          .definedBy("dev.pg2kinesis.error")
          .whereLayer("root")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("command")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("settings")
          .mayOnlyBeAccessedByLayers("root", "command")
          .whereLayer("relay")
          .mayOnlyBeAccessedByLayers("root", "command")
          .whereLayer("watermark")
          .mayOnlyBeAccessedByLayers("command", "relay")
          .whereLayer("snapshot")
          .mayOnlyBeAccessedByLayers("command", "relay")
          .whereLayer("window")
          .mayOnlyBeAccessedByLayers("command", "relay")
          .whereLayer("slot")
          .mayOnlyBeAccessedByLayers(
              "root", "command", "settings", "relay", "watermark", "snapshot", "window")
          .whereLayer("decode")
          .mayOnlyBeAccessedByLayers("command", "relay", "watermark", "window", "slot")
          .whereLayer("format")
          .mayOnlyBeAccessedByLayers(
              "root", "command", "settings", "relay", "snapshot", "publish", "kinesis")
          .whereLayer("publish")
          .mayOnlyBeAccessedByLayers("root", "command", "settings", "relay", "kinesis")
          .whereLayer("kinesis")
          .mayOnlyBeAccessedByLayers("root", "command")
          .whereLayer("aws")
          .mayOnlyBeAccessedByLayers(
              "command", "settings", "relay", "watermark", "snapshot", "kinesis");
}
