using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Wire;

/// <summary>A run as a worker needs it.</summary>
/// <param name="Version">Of the program that began the run: another may compute other bits.</param>
/// <param name="Plan">Without shards: each assignment brings its own. The kernel is this machine's.</param>
public sealed record RunDescription(string RunId, string Version, RunPlan Plan);

/// <summary>What a run is about, as bytes (messages.proto, RunMessage).</summary>
public static class WireRuns
{
    // Tiles of more rows would be no faster, and are allocated before the first row is read.
    private const int MaxTileRows = 1 << 20;

    private const int DigestBytes = 32;

    private static readonly TargetKind[] Targets = [TargetKind.Index, TargetKind.Name, TargetKind.Distribution, TargetKind.Binary];

    /// <exception cref="WireException">A name is no text, so that it cannot be told.</exception>
    public static byte[] Write(string runId, RunPlan plan) => Write(new RunDescription(runId, ProgramVersion.Current, plan));

    /// <exception cref="WireException">A name is no text, so that it cannot be told.</exception>
    public static byte[] Write(RunDescription description)
    {
        var plan = description.Plan;
        var message = new RunMessage
        {
            Version = WireBytes.Version,
            Program = WireHead.Name("program", description.Version),
            Run = WireHead.Name("run", description.RunId),
            Options = WireOptions.Write(plan.Options),
            Target = WireOptions.Number(Targets, plan.Target),
            IsSequence = plan.IsSequence,
            TileRows = plan.TileRows,
            End = true,
        };
        if (plan.Classes is { } classes)
        {
            message.Classes = classes;
        }

        if (plan.ClassesSource is { } source)
        {
            message.ClassesSource = WireOptions.Text("the source of the number of classes", source);
        }

        message.Files.AddRange(plan.Files.Select(ToMessage));
        return message.ToByteArray();
    }

    /// <exception cref="WireException">The bytes are no run of this version of the wire; the message names the version of dloss that wrote them.</exception>
    public static RunDescription Read(ReadOnlySpan<byte> bytes)
    {
        var message = WireHead.Parse(bytes, RunMessage.Parser, m => (m.Version, m.End));
        if (message.HasClasses && message.Classes < 1)
        {
            throw new WireException($"classes: {message.Classes} is less than one");
        }

        if (message.TileRows is < 1 or > MaxTileRows)
        {
            throw new WireException($"tile rows: {message.TileRows} is not from 1 to {MaxTileRows}");
        }

        var plan = new RunPlan
        {
            Files = [.. message.Files.Select(FromMessage)],
            Shards = [],
            Classes = message.HasClasses ? message.Classes : null,
            ClassesSource = message.HasClassesSource ? message.ClassesSource : null,
            Options = WireOptions.Read(message.Options),
            Target = WireOptions.Value("target", Targets, message.Target),
            IsSequence = message.IsSequence,
            TileRows = message.TileRows,
        };
        return new(WireHead.Name("run", message.Run), WireHead.Name("program", message.Program), plan);
    }

    private static FileMessage ToMessage(InputFile file) => new()
    {
        Path = WireOptions.Text("path", Shared(file.Path)),
        Version = file.Version ?? "",
        Bytes = file.Bytes,
        ModifiedTicks = file.Modified.UtcTicks,
        FooterDigest = ByteString.CopyFrom(Convert.FromHexString(file.FooterDigest)),
        Rows = file.Rows,
        RowGroups = file.RowGroups,
    };

    // A query may be a signature: who reads the queue could read the file.
    private static string Shared(string path) => InputFiles.IsShareable(path)
        ? InputFiles.FullPath(path)
        : throw new BadInputException($"{path}: a URL with a query is a secret, which is not sent to workers; name the file as s3:// or without a query, with credentials in the workers' environment, or use --engine local");

    private static InputFile FromMessage(FileMessage file, int index)
    {
        if (file.Path.Length == 0 || file.Path.Contains('\0') || InputFiles.FullPath(file.Path) != file.Path)
        {
            throw new WireException($"file {index}: its path is not one in full");
        }

        if (file.FooterDigest.Length != DigestBytes)
        {
            throw new WireException($"file {index}: its footer digest has {file.FooterDigest.Length} bytes, not {DigestBytes}");
        }

        if (file.ModifiedTicks < 0 || file.ModifiedTicks > DateTime.MaxValue.Ticks)
        {
            throw new WireException($"file {index}: written at {file.ModifiedTicks} ticks, which is no time");
        }

        return new InputFile(
            index,
            file.Path,
            WireBytes.Count("bytes", file.Bytes),
            new DateTimeOffset(file.ModifiedTicks, TimeSpan.Zero),
            Convert.ToHexStringLower(file.FooterDigest.Span),
            WireBytes.Count("rows", file.Rows),
            WireBytes.Count("row groups", file.RowGroups))
        {
            Version = file.Version.Length > 0 ? file.Version : null,
        };
    }
}
