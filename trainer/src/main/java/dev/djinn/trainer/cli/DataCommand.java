package dev.djinn.trainer.cli;

import dev.djinn.data.DataException;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.progress.ProgressLine;
import dev.djinn.report.Png;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "data",
    customSynopsis = "djinn data [NAME|PATH] [OPTION]...",
    description =
        "List the data sets, or look at one: its images, its classes, a sheet of samples.",
    footer = {
      "Examples:",
      "  djinn data",
      "  djinn data mnist --download",
      "  djinn data photos/cats --image-size 96x64 --fit pad -o cats.png"
    })
final class DataCommand implements Callable<Integer> {
  private static final int MOST_CLASSES_SHOWN = 40;
  private static final int BAR = 40;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME|PATH",
      description = "A known data set, or a folder, zip, IDX, NPY or NPZ file.")
  private String name;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE.png",
      description = "Write a sheet of samples, a row a class if there are few.")
  private Path sheet;

  @Option(names = "--download", description = "Fetch the set if it is not on this machine.")
  private boolean download;

  @Mixin private DataChoices choices = new DataChoices();

  @Option(
      names = "--unconditional",
      description = "Read the data also where its labels cannot be read.")
  private boolean unconditional;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Seed of the samples on the sheet, and of stacked-mnist. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    DataOptions options =
        choices
            .options(unconditional)
            .withDownload(download)
            .withSeed(seed)
            .withLog(ProgressLine.on(err));
    if (sheet != null && !sheet.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
      throw new ParameterException(
          spec.commandLine(), "-o " + sheet + ": only PNG is written, so end it in .png");
    }
    if (name == null) {
      if (download || sheet != null) {
        throw new ParameterException(spec.commandLine(), "say which data set: djinn data NAME");
      }
      list(options, out);
    } else {
      ImageSet set = DataSets.open(name, options);
      describe(set, out);
      if (sheet != null) {
        write(set);
        err.println("samples in " + sheet);
      }
    }
    out.flush();
    return 0;
  }

  private static void list(DataOptions options, PrintWriter out) {
    for (DataSets.Known known : DataSets.known(options)) {
      out.printf("%-20s %s (%s)%n", known.name(), known.about(), known.licence());
      out.printf(
          "%-20s %s%n",
          "",
          known.place().map(place -> "ready: " + place).orElse("to have it: " + known.howToGet()));
    }
    out.println();
    out.println(
        "Or give a folder or zip of pictures (a sub-folder a class), an IDX, NPY or NPZ file.");
  }

  private static void describe(ImageSet set, PrintWriter out) {
    out.printf("name      %s%n", set.name());
    out.printf("images    %,d%n", set.count());
    out.printf("size      %d x %d, %s%n", set.width(), set.height(), colours(set));
    int copies = set.copies();
    out.printf(
        "copies    %s%n",
        copies == 0 ? "none" : "%,d are exactly equal to another before them".formatted(copies));
    out.printf("checksum  %s%n", set.checksum());
    if (!set.labelled()) {
      out.println("classes   none");
      return;
    }
    int[] counts = set.classCounts();
    int most = Arrays.stream(counts).max().getAsInt();
    out.printf(
        "classes   %,d, with %,d to %,d images%n",
        counts.length, Arrays.stream(counts).min().getAsInt(), most);
    if (counts.length <= MOST_CLASSES_SHOWN) {
      int widest = set.classes().stream().mapToInt(String::length).max().getAsInt();
      for (int i = 0; i < counts.length; i++) {
        String bar = "#".repeat((int) Math.ceil((double) BAR * counts[i] / most));
        out.printf("  %-" + widest + "s %,8d %s%n", set.classes().get(i), counts[i], bar);
      }
    }
  }

  private static String colours(ImageSet set) {
    return switch (set.channels()) {
      case 1 -> "grey";
      case 4 -> "RGB with alpha";
      default -> "RGB";
    };
  }

  private void write(ImageSet set) {
    try {
      Png.write(SampleSheets.of(set, seed), sheet);
    } catch (IOException e) {
      throw DataException.writing(sheet, e);
    }
  }
}
