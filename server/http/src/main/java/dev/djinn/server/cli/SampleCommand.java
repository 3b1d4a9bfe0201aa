package dev.djinn.server.cli;

import dev.djinn.sampler.FileProblem;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import dev.djinn.sampler.Samples;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws samples into a picture, a NumPy file or a folder of pictures. */
@Command(
    name = "sample",
    customSynopsis = "djinn sample MODEL -o OUT [-n N] [--seed S] [OPTION]...",
    description = "Draw samples. Sample i of a seed is the same in every run, batch and place.",
    footer = {
      "Examples:",
      "  djinn sample dcgan-mnist -n 64 --seed 42 -o grid.png",
      "  djinn sample exports/digits -n 10 --label 3 --columns 5 -o threes.png",
      "  djinn sample cgan-mnist -n 100000 -o samples.npy",
      "  djinn sample cgan-mnist -n 1000 --first 1000 -o second-thousand/",
      "  djinn sample dcgan-mnist -n 96 --seed 42 --to 43,44,42 -o walk.gif",
      "  djinn sample cgan-mnist -n 60 --seed 7 --label 0 --to-label 1 --to-label 2 -o labels.apng",
      "  djinn sample cgan-mnist --manifold 15 --label 3 -o plane.png",
      "  djinn sample a.onnx --latent 100:normal --image 3x64x64 -o faces.png"
    })
final class SampleCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      description = "An .onnx file, a folder that holds one, or a name in the models folder.")
  private String model;

  @Option(
      names = {"-o", "--out", "--output"},
      paramLabel = "OUT",
      required = true,
      description =
          "grid.png for one picture of all, samples.npy for a uint8 array (n, height, width,"
              + " channels), film.gif or film.apng for one picture after the other, or folder/ for"
              + " a picture each, as encoders take them. Appears when it is complete.")
  private String output;

  @Option(
      names = {"-n", "--count"},
      paramLabel = "N",
      description = "How many samples. Default: 64, or as many as --manifold or --latents make.")
  private Integer asked;

  @Option(
      names = {"-s", "--seed"},
      paramLabel = "S",
      defaultValue = "0",
      description = "The seed. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--first",
      paramLabel = "I",
      defaultValue = "0",
      description = "The number of the seed's first sample to draw. Default: ${DEFAULT-VALUE}.")
  private long first;

  @Option(
      names = {"-l", "--label"},
      paramLabel = "L",
      description =
          "A label's name or number, for all samples. Default: drawn by the seed, one for all where"
              + " latents are not.")
  private String label;

  @Option(
      names = {"-t", "--truncation"},
      paramLabel = "T",
      defaultValue = "1",
      description =
          "From 0 to 1: how far latents may lie from the prior's centre; less gives fewer surprises"
              + " and less variety. Default: ${DEFAULT-VALUE}, as they were drawn in training.")
  private double truncation;

  @Option(
      names = "--columns",
      paramLabel = "C",
      description = "Samples in a row of a .png. Default: as square as can be.")
  private Integer columns;

  @Option(
      names = "--fps",
      paramLabel = "F",
      description = "Pictures a second of a .gif or .apng, 1 to 50. Default: 12.")
  private Integer rate;

  @Mixin private ChosenLatents chosen;

  @Mixin private ModelOptions options;

  @Override
  public Integer call() throws IOException {
    SampleOutput.check(output);
    try (Sampler sampler = Sampler.open(ModelFiles.resolve(model), options.toSamplerOptions())) {
      int count = chosen.count(asked, sampler.contract());
      SampleRequest request = request(count, sampler.contract());
      PrintWriter err = spec.commandLine().getErr();
      Progress progress = new Progress(err, count);
      try (SampleOutput out = SampleOutput.of(output, sampler.contract().image(), count, layout());
          Stream<Samples> parts = sampler.stream(request)) {
        for (Iterator<Samples> each = parts.iterator(); each.hasNext(); ) {
          Samples part = each.next();
          out.add(part);
          progress.add(part.count());
        }
        out.finish();
      } catch (IOException e) {
        throw new SamplerException(
            Reason.FAILED, "cannot write " + output + ": " + FileProblem.reason(e), e);
      }
      err.printf(Locale.ROOT, "%s: %,d samples of seed %d%n", output, count, seed);
      err.flush();
    }
    return 0;
  }

  private SampleOutput.Layout layout() {
    return new SampleOutput.Layout(first, columns == null ? chosen.side() : columns, rate);
  }

  private SampleRequest request(int count, GeneratorContract contract) {
    SampleRequest request =
        SampleRequest.of(count)
            .withSeed(seed)
            .withFirstIndex(first)
            .withTruncation(truncation)
            .withOutputs(Output.PIXELS);
    if (label != null) {
      request = request.withLabel(contract.label(label));
    }
    return chosen.apply(request, contract);
  }
}
