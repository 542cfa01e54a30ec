using System.CommandLine;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Output;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss generate OUT</c></summary>
internal sealed class GenerateCommand
{
    public const string Name = "generate";

    public const string Description = "Writes a synthetic dump: logits of an imagined model, with labels.";

    private readonly Argument<string> _out = new("OUT")
    {
        Description = "A folder, which gets part-00000.parquet and so on; or one file, when it ends in .parquet",
    };

    private readonly IntegerOption _rows = CliOptions.Integer("--rows", "Rows in all", 100_000, 0, long.MaxValue);

    private readonly IntegerOption _classes = CliOptions.Integer("--classes", "Classes: logits a row", 1000, 1, 1 << 26);

    private readonly IntegerOption _files = CliOptions.Integer("--files", "Files to share the rows", 1, 1, 100_000);

    private readonly ChoiceOption _dtype = CliOptions.Choice(
        "--dtype",
        "Type of a logit",
        "float32",
        "float64",
        "float16",
        "bfloat16");

    private readonly ChoiceOption _layout = CliOptions.Choice(
        "--layout",
        "A list column, a column a class (logits_0, logits_1, ...), or a column of packed bytes",
        "list",
        "flat",
        "packed");

    private readonly ChoiceOption _codec = CliOptions.Choice(
        "--codec",
        "Compression",
        "none",
        "snappy",
        "zstd",
        "gzip",
        "brotli",
        "lz4");

    private readonly IntegerOption _pageVersion = CliOptions.Integer("--page-version", "Version of the data pages", 1, 1, 2, "1|2");

    private readonly IntegerOption _rowGroupRows = CliOptions.OptionalInteger(
        "--row-group-rows", "Rows of a row group [default: 64 MiB of logits]", 1, int.MaxValue);

    private readonly IntegerOption _pageBytes = CliOptions.Integer("--page-bytes", "Bytes of a page before compression", 1 << 20, 1, 1 << 29);

    private readonly IntegerOption _seed = CliOptions.Integer("--seed", "Equal seeds give equal rows, in any layout", 0, 0, long.MaxValue);

    private readonly NumberOption _accuracy = CliOptions.Number(
        "--accuracy", "SHARE", "Share of rows whose label has the largest logit", new SyntheticOptions().Accuracy, x => x is >= 0 and <= 1, "from 0 to 1");

    private readonly Option<bool> _force = new("--force") { Description = "Replace what an earlier generate left in OUT" };

    // As --codec names them.
    private static CompressionCodec[] Codecs =>
        [CompressionCodec.Uncompressed, CompressionCodec.Snappy, CompressionCodec.Zstd, CompressionCodec.Gzip, CompressionCodec.Brotli, CompressionCodec.Lz4Raw];

    public static void Fill(Command command, CliConsole console, CancellationToken cancel)
    {
        var options = new GenerateCommand();
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

        command.SetAction(parse =>
        {
            var synthetic = options.Read(parse);
            string output = parse.GetValue(options._out)!;
            var files = Generation.WriteAsync(console, output, synthetic, parse.GetValue(options._force), cancel).GetAwaiter().GetResult();
            ResultOutput.Write(console, writer => writer.Write($"{Summary(output, synthetic, files)}\n"));
            return ExitCode.Done;
        });
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
            Rows = _rows.Value(parse),
            Classes = (int)_classes.Value(parse),
            Files = (int)_files.Value(parse),
            LogitType = (LogitType)_dtype.Index(parse),
            Layout = (LogitLayout)_layout.Index(parse),
            Codec = Codecs[_codec.Index(parse)],
            PageVersion = (int)_pageVersion.Value(parse),
            RowGroupRows = (int?)_rowGroupRows.OptionalValue(parse),
            PageBytes = (int)_pageBytes.Value(parse),
            Seed = (ulong)_seed.Value(parse),
            Accuracy = _accuracy.Value(parse),
        };
        return options is { LogitType: LogitType.BFloat16, Layout: not LogitLayout.PackedFixed }
            ? throw CliException.Usage("--dtype bfloat16: Parquet has no such type; add --layout packed")
            : options;
    }
}
