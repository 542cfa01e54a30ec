using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Output;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss generate OUT</c></summary>
internal sealed class GenerateCommand
{
    private readonly Argument<string> _out = new("OUT")
    {
        Description = "A folder, which gets part-00000.parquet and so on; or one file, when it ends in .parquet",
    };

    private readonly Option<long> _rows = CliOptions.Integer("--rows", "Rows in all", 100_000, 0, long.MaxValue);

    private readonly Option<long> _classes = CliOptions.Integer("--classes", "Classes: logits a row", 1000, 1, 1 << 26);

    private readonly Option<long> _files = CliOptions.Integer("--files", "Files to share the rows", 1, 1, 100_000);

    private readonly Option<LogitType> _dtype = CliOptions.Choice(
        "--dtype",
        "Type of a logit",
        ("float32", LogitType.Float32),
        ("float64", LogitType.Float64),
        ("float16", LogitType.Float16),
        ("bfloat16", LogitType.BFloat16));

    private readonly Option<LogitLayout> _layout = CliOptions.Choice(
        "--layout",
        "A list column, a column a class (logits_0, logits_1, ...), or a column of packed bytes",
        ("list", LogitLayout.List),
        ("flat", LogitLayout.Flat),
        ("packed", LogitLayout.PackedFixed));

    private readonly Option<CompressionCodec> _codec = CliOptions.Choice(
        "--codec",
        "Compression",
        ("none", CompressionCodec.Uncompressed),
        ("snappy", CompressionCodec.Snappy),
        ("zstd", CompressionCodec.Zstd),
        ("gzip", CompressionCodec.Gzip),
        ("brotli", CompressionCodec.Brotli),
        ("lz4", CompressionCodec.Lz4Raw));

    private readonly Option<long> _pageVersion = CliOptions.Integer("--page-version", "Version of the data pages", 1, 1, 2, "1|2");

    private readonly Option<long?> _rowGroupRows = CliOptions.OptionalInteger(
        "--row-group-rows", "Rows of a row group [default: 64 MiB of logits]", 1, int.MaxValue);

    private readonly Option<long> _pageBytes = CliOptions.Integer("--page-bytes", "Bytes of a page before compression", 1 << 20, 1, 1 << 29);

    private readonly Option<long> _seed = CliOptions.Integer("--seed", "Equal seeds give equal rows, in any layout", 0, 0, long.MaxValue);

    private readonly Option<double> _accuracy = new("--accuracy")
    {
        Description = "Share of rows whose label has the largest logit",
        HelpName = "SHARE",
        DefaultValueFactory = _ => new SyntheticOptions().Accuracy,
        CustomParser = ParseShare,
    };

    private readonly Option<bool> _force = new("--force") { Description = "Replace what an earlier generate left in OUT" };

    public static Command Create(CliConsole console)
    {
        var options = new GenerateCommand();
        var command = new Command("generate", "Writes a synthetic dump: logits of an imagined model, with labels.");
        options._out.Validators.Add(UsageErrors.RefuseOptions);
        command.Add(options._out);
        foreach (Option option in (Option[])
            [
                options._rows, options._classes, options._files, options._dtype, options._layout, options._codec, options._pageVersion,
                options._rowGroupRows, options._pageBytes, options._seed, options._accuracy, options._force,
            ])
        {
            command.Add(option);
        }

        command.SetAction(async (parse, cancel) =>
        {
            var synthetic = options.Read(parse);
            string output = parse.GetValue(options._out)!;
            var files = await Generation.WriteAsync(console, output, synthetic, parse.GetValue(options._force), cancel);
            ResultOutput.Write(console, writer => writer.Write($"{Summary(output, synthetic, files)}\n"));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>What was written, and the command that reads it.</summary>
    private static string Summary(string output, SyntheticOptions options, IReadOnlyList<string> files)
    {
        string read = (options.Layout, options.LogitType) switch
        {
            (LogitLayout.Flat, _) => " --logits-prefix logits_",
            (LogitLayout.PackedFixed, var type) => $" --packed {type.ToString().ToLowerInvariant()}",
            _ => "",
        };
        long bytes = files.Sum(f => new FileInfo(f).Length);
        return $"{Quantity.Count(options.Rows)} rows of {Quantity.Count(options.Classes)} classes, {Quantity.Bytes(bytes)}, in {output}\n"
            + $"dloss evaluate {Quote(output)}{read}";
    }

    private static string Quote(string path) =>
        path.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+=:@%,".Contains(c)) ? path : $"'{path.Replace("'", "'\\''")}'";

    private SyntheticOptions Read(ParseResult parse)
    {
        var options = new SyntheticOptions
        {
            Rows = parse.GetValue(_rows),
            Classes = (int)parse.GetValue(_classes),
            Files = (int)parse.GetValue(_files),
            LogitType = parse.GetValue(_dtype),
            Layout = parse.GetValue(_layout),
            Codec = parse.GetValue(_codec),
            PageVersion = (int)parse.GetValue(_pageVersion),
            RowGroupRows = (int?)parse.GetValue(_rowGroupRows),
            PageBytes = (int)parse.GetValue(_pageBytes),
            Seed = (ulong)parse.GetValue(_seed),
            Accuracy = parse.GetValue(_accuracy),
        };
        return options is { LogitType: LogitType.BFloat16, Layout: not LogitLayout.PackedFixed }
            ? throw CliException.Usage("--dtype bfloat16: Parquet has no such type; add --layout packed")
            : options;
    }

    private static double ParseShare(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double share) && share is >= 0 and <= 1)
        {
            return share;
        }

        result.AddError($"--accuracy {text}: not a number from 0 to 1");
        return 0;
    }
}
