package dev.djinn.exporter.block;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.basicmodelzoo.cv.classification.AlexNet;
import ai.djl.basicmodelzoo.cv.classification.GoogLeNet;
import ai.djl.basicmodelzoo.cv.classification.LeNet;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.basicmodelzoo.cv.classification.NiN;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.basicmodelzoo.cv.classification.SqueezeNet;
import ai.djl.basicmodelzoo.cv.classification.VGG;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The networks that DJL itself ships as classes, whole, with random weights. */
class ModelZooTest {
  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of("Mlp", new Mlp(784, 10, new int[] {128, 64}), new long[] {1, 28, 28}),
        Arguments.of("LeNet", LeNet.builder().build(), new long[] {1, 28, 28}),
        Arguments.of(
            "AlexNet",
            AlexNet.builder().setNumChannels(new int[] {8, 16, 24, 24, 16, 64, 64}).build(),
            new long[] {3, 72, 72}),
        Arguments.of("NiN", NiN.builder().build(), new long[] {1, 72, 72}),
        Arguments.of(
            "VGG",
            VGG.builder()
                .setNumLayers(7)
                .setConvArch(new int[][] {{1, 8}, {1, 16}, {2, 24}})
                .build(),
            new long[] {1, 32, 32}),
        Arguments.of("GoogLeNet", GoogLeNet.builder().build(), new long[] {1, 32, 32}),
        Arguments.of(
            "ResNet-20",
            ResNetV1.builder()
                .setImageShape(new Shape(3, 28, 28))
                .setNumLayers(20)
                .setOutSize(10)
                .build(),
            new long[] {3, 28, 28}),
        Arguments.of(
            "ResNet-50",
            ResNetV1.builder()
                .setImageShape(new Shape(3, 40, 40))
                .setNumLayers(50)
                .setOutSize(10)
                .build(),
            new long[] {3, 40, 40}),
        Arguments.of("MobileNetV1", MobileNetV1.builder().build(), new long[] {3, 32, 32}),
        Arguments.of("MobileNetV2", MobileNetV2.builder().build(), new long[] {3, 32, 32}),
        Arguments.of("SqueezeNet", SqueezeNet.squeezenet(10), new long[] {3, 48, 48}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void isExportedWithinARoundingError(String name, Block block, long[] dims) {
    BlockParity.check(block, dims);
  }
}
