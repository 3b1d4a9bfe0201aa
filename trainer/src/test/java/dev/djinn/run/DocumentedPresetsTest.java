package dev.djinn.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.Layer;
import dev.djinn.network.Layer.Activation.Function;
import dev.djinn.network.Network;
import dev.djinn.network.ParameterSpec;
import dev.djinn.network.WeightInit;
import dev.djinn.network.WeightSpec;
import dev.djinn.settings.AdversarialLoss;
import dev.djinn.settings.Interval;
import dev.djinn.settings.LatentSpec;
import dev.djinn.settings.LatentSpec.Distribution;
import dev.djinn.settings.OptimizerSpec;
import dev.djinn.settings.Passes;
import dev.djinn.settings.Rules;
import dev.djinn.settings.Schedule;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentedPresetsTest {
  static Settings preset(String name) {
    return Presets.settings(name, Map.of(), 10);
  }

  static long trained(Network network) {
    return network.parameters().stream()
        .filter(ParameterSpec::trained)
        .mapToLong(spec -> spec.shape().size())
        .sum();
  }

  private static List<Shape> shapes(Network network) {
    return network.steps().stream().map(Network.Step::output).distinct().toList();
  }

  private static Layer fc(int units, WeightInit init) {
    return new Layer.Dense(units, WeightSpec.of(init));
  }

  private static Layer biased(int units, WeightInit init) {
    return new Layer.Dense(units, new WeightSpec(init, Optional.of(init), false));
  }

  private static Layer fc(int units) {
    return fc(units, WeightInit.GLOROT_UNIFORM);
  }

  private static Layer conv(int kernel, int stride, int channels) {
    return new Layer.Conv(
        channels, kernel, stride, same(stride), 1, 1, WeightSpec.of(WeightInit.GLOROT_UNIFORM));
  }

  private static Layer deconv(int kernel, int stride, int channels) {
    return new Layer.Deconv(
        channels, kernel, stride, same(stride), 0, 1, WeightSpec.of(WeightInit.GLOROT_UNIFORM));
  }

  /** As the documents' frameworks pad; with a stride of 1 and an odd kernel it is the same. */
  private static int same(int stride) {
    return stride == 1 ? Layer.SAME : Layer.SAME_UPPER;
  }

  private static Layer bn() {
    return new Layer.BatchNorm(0.99, 1e-3);
  }

  private static Layer lrelu(double slope) {
    return new Layer.Activation(Function.LEAKY_RELU, slope);
  }

  private static Layer relu() {
    return new Layer.Activation(Function.RELU, 0);
  }

  private static Layer sigmoid() {
    return new Layer.Activation(Function.SIGMOID, 0);
  }

  private static Layer tanh() {
    return new Layer.Activation(Function.TANH, 0);
  }

  private static Layer drop(double rate) {
    return new Layer.Dropout(rate);
  }

  private static Layer shape(Integer... axes) {
    return new Layer.Reshape(List.of(axes));
  }

  private static Layer flat() {
    return shape(-1);
  }

  private static Layer up2() {
    return new Layer.Upsample(2);
  }

  @Test
  void quickHasItsSizes() {
    Settings quick = preset("quick");
    // dense 100·6272; bn 2·6272; deconv 128·64·16; bn 2·64; deconv 64·1·16 + 1.
    assertEquals(627_200 + 12_544 + 131_072 + 128 + 1_025, trained(quick.generator().network()));
    // conv 32·16 + 32; conv 32·64·16; bn 2·64; dense 3136 + 1.
    assertEquals(544 + 32_768 + 128 + 3_137, trained(quick.discriminator().network()));
    assertEquals(
        List.of(new Shape(6272), new Shape(128, 7, 7), new Shape(64, 14, 14), new Shape(1, 28, 28)),
        shapes(quick.generator().network()));
  }

  @Test
  void ganIsItsDocuments() {
    Settings gan = preset("gan");
    WeightInit truncated = new WeightInit(WeightInit.Kind.TRUNCATED_NORMAL, 0.02);
    assertEquals(
        List.of(
            biased(256, truncated),
            lrelu(0.2),
            bn(),
            biased(512, truncated),
            lrelu(0.2),
            bn(),
            biased(1024, truncated),
            lrelu(0.2),
            bn(),
            drop(0.5),
            biased(784, truncated),
            sigmoid(),
            shape(1, 28, 28)),
        gan.generator().network().layers());
    assertEquals(
        List.of(
            flat(),
            biased(1024, truncated),
            lrelu(0.2),
            biased(512, truncated),
            lrelu(0.2),
            biased(256, truncated),
            lrelu(0.2),
            biased(1, truncated),
            sigmoid()),
        gan.discriminator().network().layers());
    // fc 100·256 + 256; bn 2·256; fc 256·512 + 512; bn 2·512; fc 512·1024 + 1024; bn 2·1024;
    // fc 1024·784 + 784.
    assertEquals(
        25_856 + 512 + 131_584 + 1_024 + 525_312 + 2_048 + 803_600,
        trained(gan.generator().network()));
    assertEquals(
        List.of(
            new Shape(256), new Shape(512), new Shape(1024), new Shape(784), new Shape(1, 28, 28)),
        shapes(gan.generator().network()));
    // fc 784·1024 + 1024; fc 1024·512 + 512; fc 512·256 + 256; fc 256 + 1.
    assertEquals(803_840 + 524_800 + 131_328 + 257, trained(gan.discriminator().network()));
    assertEquals(new OptimizerSpec.Adam(2e-4, 0.5, 0.999, 1e-8), gan.generator().optimizer());
    assertEquals(new OptimizerSpec.Adam(2e-4, 0.1, 0.999, 1e-8), gan.discriminator().optimizer());
    assertEquals(new LatentSpec(100, Distribution.UNIFORM, -1, 1), gan.latent());
    assertEquals(new Settings.Image(28, 28, 1, 0), gan.image());
    assertEquals(AdversarialLoss.NON_SATURATING, gan.rules().loss());
    assertEquals(Passes.DiscriminatorBatches.JOINED, gan.rules().passes().discriminatorBatches());
    assertEquals(Passes.GeneratorMode.INFERENCE, gan.rules().passes().generatorMode());
    assertEquals(Passes.Generated.TWICE, gan.rules().passes().generated());
    assertEquals(new Schedule.Alternating(), gan.rules().schedule());
    assertEquals(100, gan.batch());
    assertEquals(new Interval(71, true), gan.length());
    assertEquals(new Interval(1, true), gan.recording().log().every());
    assertEquals(new Interval(1, true), gan.recording().checkpointEvery());
    assertEquals("1 then every 10 epochs", gan.recording().samples().every().toString());
    assertEquals(AdversarialLoss.LossScale.SUM, gan.rules().discriminatorLoss());
    assertTrue(gan.recording().log().inferenceLosses());
    assertEquals(5, gan.recording().samples().count());
    assertFalse(gan.conditional());
  }

  @Test
  void upsamplingGanIsItsDocuments() {
    Settings gan = preset("upsampling-gan");
    assertEquals(
        List.of(
            fc(39_200, new WeightInit(WeightInit.Kind.GLOROT_NORMAL, 0)),
            bn(),
            relu(),
            shape(200, 14, 14),
            up2(),
            conv(3, 1, 100),
            bn(),
            relu(),
            conv(3, 1, 50),
            bn(),
            relu(),
            conv(1, 1, 1),
            sigmoid()),
        gan.generator().network().layers());
    assertEquals(
        List.of(
            conv(5, 2, 256),
            lrelu(0.2),
            drop(0.25),
            conv(5, 2, 512),
            lrelu(0.2),
            drop(0.25),
            flat(),
            fc(256),
            lrelu(0.2),
            drop(0.25),
            fc(2)),
        gan.discriminator().network().layers());
    // fc 100·39200 + 39200, where 39200 = 200·14·14; bn 2·39200; conv 9·200·100 + 100; bn 2·100;
    // conv 9·100·50 + 50; bn 2·50; conv 50 + 1.
    assertEquals(
        3_959_200 + 78_400 + 180_100 + 200 + 45_050 + 100 + 51, trained(gan.generator().network()));
    assertEquals(
        List.of(
            new Shape(39_200),
            new Shape(200, 14, 14),
            new Shape(200, 28, 28),
            new Shape(100, 28, 28),
            new Shape(50, 28, 28),
            new Shape(1, 28, 28)),
        shapes(gan.generator().network()));
    // conv 25·256 + 256; conv 25·256·512 + 512; fc 25088·256 + 256, where 25088 = 7·7·512;
    // fc 256·2 + 2.
    assertEquals(6_656 + 3_277_312 + 6_422_784 + 514, trained(gan.discriminator().network()));
    assertEquals(
        List.of(
            new Shape(256, 14, 14),
            new Shape(512, 7, 7),
            new Shape(25_088),
            new Shape(256),
            new Shape(2)),
        shapes(gan.discriminator().network()));
    assertEquals(new OptimizerSpec.Adam(1e-3, 0.9, 0.999, 1e-7), gan.generator().optimizer());
    assertEquals(new OptimizerSpec.Adam(1e-4, 0.9, 0.999, 1e-7), gan.discriminator().optimizer());
    assertEquals(new LatentSpec(100, Distribution.UNIFORM, 0, 1), gan.latent());
    assertEquals(new Settings.Image(28, 28, 1, 0), gan.image());
    assertEquals(AdversarialLoss.SOFTMAX, gan.rules().loss());
    assertEquals(Passes.DiscriminatorBatches.JOINED, gan.rules().passes().discriminatorBatches());
    assertEquals(Passes.GeneratorMode.INFERENCE, gan.rules().passes().generatorMode());
    assertEquals(128, gan.batch());
    assertEquals(new Interval(3_000, false), gan.length());
    assertEquals(10, gan.recording().samples().count());
    assertEquals(5, gan.recording().samples().columns());
    assertTrue(gan.recording().samples().darkOnLight());
    assertFalse(gan.conditional());
  }

  private static final List<Layer> DECONVOLUTIONS =
      List.of(
          fc(12_544),
          shape(256, 7, 7),
          deconv(3, 2, 128),
          bn(),
          lrelu(0.01),
          deconv(3, 1, 64),
          bn(),
          lrelu(0.01),
          deconv(3, 2, 1),
          tanh());

  // dense 100·12544 + 12544; deconv 9·256·128 + 128; bn 2·128; deconv 9·128·64 + 64; bn 2·64;
  // deconv 9·64 + 1.
  private static final long DECONVOLUTION_PARAMETERS =
      1_254_400 + 12_544 + 294_912 + 128 + 256 + 73_728 + 64 + 128 + 577;

  @Test
  void dcganIsItsDocuments() {
    Settings dcgan = preset("dcgan");
    assertEquals(DECONVOLUTIONS, dcgan.generator().network().layers());
    assertEquals(
        List.of(
            conv(3, 2, 32),
            lrelu(0.01),
            conv(3, 2, 64),
            bn(),
            lrelu(0.01),
            conv(3, 2, 128),
            bn(),
            lrelu(0.01),
            flat(),
            fc(1)),
        dcgan.discriminator().network().layers());
    assertEquals(DECONVOLUTION_PARAMETERS, trained(dcgan.generator().network()));
    assertEquals(
        List.of(
            new Shape(12_544),
            new Shape(256, 7, 7),
            new Shape(128, 14, 14),
            new Shape(64, 14, 14),
            new Shape(1, 28, 28)),
        shapes(dcgan.generator().network()));
    // conv 9·32 + 32; conv 9·32·64 + 64; bn 2·64; conv 9·64·128 + 128; bn 2·128; fc 4·4·128 + 1.
    assertEquals(
        320 + 18_496 + 128 + 73_856 + 256 + 2_049, trained(dcgan.discriminator().network()));
    assertEquals(
        List.of(
            new Shape(32, 14, 14),
            new Shape(64, 7, 7),
            new Shape(128, 4, 4),
            new Shape(2048),
            new Shape(1)),
        shapes(dcgan.discriminator().network()));
    assertEquals(new OptimizerSpec.Adam(1e-3, 0.9, 0.999, 1e-7), dcgan.generator().optimizer());
    assertEquals(dcgan.generator().optimizer(), dcgan.discriminator().optimizer());
    assertEquals(new LatentSpec(100, Distribution.NORMAL, 0, 0), dcgan.latent());
    assertEquals(new Settings.Image(28, 28, 1, -1), dcgan.image());
    assertEquals(AdversarialLoss.NON_SATURATING, dcgan.rules().loss());
    assertEquals(Passes.GeneratorMode.INFERENCE, dcgan.rules().passes().generatorMode());
    assertEquals(
        Passes.DiscriminatorBatches.IN_TURN, dcgan.rules().passes().discriminatorBatches());
    assertEquals(Passes.DiscriminatorMode.UNMOVED, dcgan.rules().passes().discriminatorMode());
    assertEquals(Rules.RealBatches.DRAWN, dcgan.rules().realBatches());
    assertEquals(128, dcgan.batch());
    assertEquals(new Interval(20_000, false), dcgan.length());
    assertEquals(new Interval(1_000, false), dcgan.recording().samples().every());
    assertEquals(16, dcgan.recording().samples().count());
    assertEquals(4, dcgan.recording().samples().columns());
    assertFalse(dcgan.conditional());
  }

  @Test
  void cganIsItsDocuments() {
    Settings cgan = preset("cgan");
    assertEquals(
        Stream.concat(
                Stream.of(new Layer.LabelMultiply(WeightInit.EMBEDDING)), DECONVOLUTIONS.stream())
            .toList(),
        cgan.generator().network().layers());
    assertEquals(
        List.of(
            new Layer.LabelChannel(WeightInit.EMBEDDING),
            conv(3, 2, 64),
            lrelu(0.01),
            conv(3, 2, 64),
            bn(),
            lrelu(0.01),
            conv(3, 2, 128),
            bn(),
            lrelu(0.01),
            flat(),
            fc(1)),
        cgan.discriminator().network().layers());
    // The embedding has 10·100.
    assertEquals(1_000 + DECONVOLUTION_PARAMETERS, trained(cgan.generator().network()));
    // embedding 10·784; conv 9·2·64 + 64; conv 9·64·64 + 64; bn 2·64; conv 9·64·128 + 128;
    // bn 2·128; fc 4·4·128 + 1.
    assertEquals(
        7_840 + 1_216 + 36_928 + 128 + 73_856 + 256 + 2_049,
        trained(cgan.discriminator().network()));
    assertEquals(
        List.of(
            new Shape(2, 28, 28),
            new Shape(64, 14, 14),
            new Shape(64, 7, 7),
            new Shape(128, 4, 4),
            new Shape(2048),
            new Shape(1)),
        shapes(cgan.discriminator().network()));
    assertEquals(new OptimizerSpec.Adam(1e-3, 0.9, 0.999, 1e-7), cgan.generator().optimizer());
    assertEquals(cgan.generator().optimizer(), cgan.discriminator().optimizer());
    assertEquals(new LatentSpec(100, Distribution.NORMAL, 0, 0), cgan.latent());
    assertEquals(new Settings.Image(28, 28, 1, -1), cgan.image());
    assertEquals(AdversarialLoss.NON_SATURATING, cgan.rules().loss());
    assertEquals(Passes.GeneratorMode.TRAINING, cgan.rules().passes().generatorMode());
    assertEquals(Passes.DiscriminatorBatches.IN_TURN, cgan.rules().passes().discriminatorBatches());
    assertEquals(Passes.DiscriminatorMode.UNMOVED, cgan.rules().passes().discriminatorMode());
    assertEquals(Rules.RealBatches.DRAWN, cgan.rules().realBatches());
    assertEquals("Digit: 7", cgan.recording().samples().titleOf("7"));
    assertEquals(32, cgan.batch());
    assertEquals(new Interval(12_000, false), cgan.length());
    assertEquals(new Interval(1_000, false), cgan.recording().samples().every());
    assertEquals(10, cgan.recording().samples().count());
    assertEquals(5, cgan.recording().samples().columns());
    assertEquals(10, cgan.classes());
  }

  /** What departs from a document says so, and has the document's way beside it. */
  @Test
  void cganAsWrittenDiffersInOneSetting() {
    Map<String, Object> written =
        new LinkedHashMap<>(SettingsFile.write(preset("cgan-as-written")));
    assertEquals("inference", written.put("generator-mode", "training"));
    Map<String, Object> cgan = SettingsFile.write(preset("cgan"));
    written.put("name", "cgan");
    written.put("summary", cgan.get("summary"));
    assertEquals(cgan, written);
  }

  @Test
  void manifoldCganIsItsDocuments() {
    Settings cgan = preset("manifold-cgan");
    assertEquals(
        List.of(
            new Layer.LabelOneHot(1),
            fc(3_136),
            relu(),
            drop(0.3),
            shape(64, 7, 7),
            up2(),
            conv(5, 1, 64),
            relu(),
            drop(0.3),
            conv(3, 1, 32),
            relu(),
            drop(0.3),
            up2(),
            conv(5, 1, 1),
            sigmoid()),
        cgan.generator().network().layers());
    assertEquals(
        List.of(
            conv(7, 2, 128),
            new Layer.LabelOneHot(1),
            lrelu(0.3),
            drop(0.3),
            new Layer.Pool(Layer.Pool.Kind.MAX, 2, 2),
            conv(3, 1, 128),
            lrelu(0.3),
            drop(0.3),
            flat(),
            fc(1)),
        cgan.discriminator().network().layers());
    // fc 12·3136 + 3136; conv 25·64·64 + 64; conv 9·64·32 + 32; conv 25·32 + 1.
    assertEquals(40_768 + 102_464 + 18_464 + 801, trained(cgan.generator().network()));
    assertEquals(
        List.of(
            new Shape(12),
            new Shape(3136),
            new Shape(64, 7, 7),
            new Shape(64, 14, 14),
            new Shape(32, 14, 14),
            new Shape(32, 28, 28),
            new Shape(1, 28, 28)),
        shapes(cgan.generator().network()));
    // conv 49·128 + 128; conv 9·138·128 + 128, where 138 = 128 channels and 10 classes;
    // fc 7·7·128 + 1.
    assertEquals(6_400 + 159_104 + 6_273, trained(cgan.discriminator().network()));
    assertEquals(
        List.of(
            new Shape(128, 14, 14),
            new Shape(138, 14, 14),
            new Shape(138, 7, 7),
            new Shape(128, 7, 7),
            new Shape(6272),
            new Shape(1)),
        shapes(cgan.discriminator().network()));
    assertEquals(new OptimizerSpec.RmsProp(3e-4, 0.9, 1e-10), cgan.generator().optimizer());
    assertEquals(new OptimizerSpec.RmsProp(1e-4, 0.9, 1e-10), cgan.discriminator().optimizer());
    assertEquals(new LatentSpec(2, Distribution.NORMAL, 0, 0), cgan.latent());
    assertEquals(new Settings.Image(28, 28, 1, 0), cgan.image());
    assertEquals(AdversarialLoss.MINIMAX, cgan.rules().loss());
    assertEquals(Passes.GeneratorMode.TRAINING, cgan.rules().passes().generatorMode());
    assertEquals(new Schedule.Adaptive(5, 1.0, 0.4), cgan.rules().schedule());
    assertEquals(256, cgan.batch());
    assertEquals(new Interval(5_000, false), cgan.length());
    assertEquals(10, cgan.classes());
  }
}
