package dev.djinn.dist;

import dev.djinn.exporter.cli.ExporterMain;
import dev.djinn.server.cli.ServerMain;
import dev.djinn.trainer.cli.TrainerMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Man pages and completion of all commands, written by picocli's own generators. */
public final class Handbook {
  /** What the launcher is: the commands of all modules under one name. */
  @Command(
      name = "djinn",
      description = {
        "Train GANs in Java, export them to ONNX, sample and serve them.",
        "",
        "Exit codes: 0 success, 1 a failed run, 2 bad usage."
      })
  private static final class Djinn {}

  @Command(name = "help", description = "List the commands, or show the help of one.")
  private static final class HelpCommand {
    @SuppressWarnings("UnusedVariable") // picocli describes it
    @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "The command.")
    private String command;
  }

  @Command(name = "version", description = "Versions of Djinn, Java and the native engines.")
  private static final class VersionCommand {}

  private Handbook() {}

  /**
   * Writes {@code adoc/djinn*.adoc}, a man page's source a command, and {@code djinn.bash}.
   *
   * @param args the folder
   * @throws IOException if it cannot be written
   */
  public static void main(String[] args) throws IOException {
    Locale.setDefault(Locale.ROOT);
    Path folder = Path.of(args[0]);
    CommandLine commands = commands();
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("djinn.bash"), completion(commands));
    int code =
        ManPageGenerator.generateManPage(
            Files.createDirectories(folder.resolve("adoc")).toFile(),
            null,
            new boolean[0],
            true,
            all(commands.getCommandSpec()).toArray(CommandSpec[]::new));
    if (code != 0) {
      throw new IOException("the man pages could not be written to " + folder);
    }
  }

  /** {@return every command of every module, under the launcher's name} */
  static CommandLine commands() {
    CommandLine djinn = new CommandLine(new Djinn());
    for (Object module : List.of(new TrainerMain(), new ExporterMain(), new ServerMain())) {
      new CommandLine(module).getSubcommands().forEach(djinn::addSubcommand);
    }
    djinn.addSubcommand(new HelpCommand()).addSubcommand(new VersionCommand());
    return djinn;
  }

  /** {@return completion for bash, which zsh reads too} */
  static String completion(CommandLine commands) {
    return AutoComplete.bash("djinn", commands);
  }

  private static List<CommandSpec> all(CommandSpec top) {
    List<CommandSpec> all = new ArrayList<>();
    Deque<CommandSpec> left = new ArrayDeque<>(List.of(top));
    while (!left.isEmpty()) {
      CommandSpec next = left.pop();
      next.usageMessage().sortOptions(false);
      all.add(next);
      next.subcommands().values().forEach(command -> left.add(command.getCommandSpec()));
    }
    return all;
  }
}
