using System.CommandLine;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Output;
using DistributedLoss.Reports;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss report RESULT.json</c></summary>
internal static class ReportCommand
{
    public const string Name = "report";

    public const string Description = "Writes a result as a page to look at: one HTML file that needs nothing else, as evaluate --report does.";

    private const string OutputName = "--output";

    public static void Fill(Command command, CliConsole console, CancellationToken cancel)
    {
        var file = new Argument<string>("RESULT.json") { Description = "What evaluate --output, or --format json, wrote" };
        var output = CliOptions.Text(OutputName, "FILE.html", "Where the page goes [default: beside the result, with the ending .html]");
        file.Validators.Add(UsageErrors.RefuseOptions);
        command.Add(file);
        command.Add(output);
        command.SetAction(parse =>
        {
            string path = parse.GetValue(file)!;
            var result = ResultReader.Read(path);
            string page = parse.GetValue(output) ?? Path.ChangeExtension(path, ".html");
            if (RealPath.Of(page) == RealPath.Of(path))
            {
                throw CliException.Usage($"{OutputName} {page}: is the result itself, which the page would destroy; name another file");
            }

            using var written = AtomicFile.Open(OutputName, page);
            written.Commit(stream => ResultReport.Write(stream, result));
            ResultOutput.Write(console, writer => writer.Write($"{page}\n"));
            return ExitCode.Done;
        });
    }
}
