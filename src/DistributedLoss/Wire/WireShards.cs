using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;
using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Wire;

/// <summary>A shard that a worker is to evaluate.</summary>
/// <param name="Attempt">1 for the first execution of the shard.</param>
/// <param name="Request">The number of the worker's request that this answers.</param>
public sealed record ShardAssignment(Shard Shard, int Attempt, long Request)
{
    /// <summary>Before a worker evaluates it: whether it is a shard of the files that the worker was told of.</summary>
    /// <exception cref="WireException">It is of another run.</exception>
    public void Check(RunPlan plan)
    {
        var file = (uint)Shard.File < plan.Files.Count ? plan.Files[Shard.File] : null;
        if (file is null
            || (uint)Shard.RowGroup >= file.RowGroups
            || Shard.FirstRow > file.Rows
            || Shard.Rows > file.Rows - Shard.FirstRow
            || Shard.Id != Shard.IdOf(file, Shard.FirstRow, Shard.Rows))
        {
            throw new WireException(
                $"shard {Shard.Index} of id {Shard.Id} ({Shard.Rows} rows of row group {Shard.RowGroup} of file {Shard.File}) is none of the files of this run");
        }
    }
}

/// <summary>A result, with the identity of the shard that it is of: an index alone would be that of another shard in another run.</summary>
public sealed record IdentifiedResult(string ShardId, ShardResult Result);

/// <summary>A failure of an attempt.</summary>
public sealed record IdentifiedFailure(int Shard, string ShardId, int Attempt, ShardFailure Failure);

/// <summary>What coordinator and workers tell each other about shards, as bytes (messages.proto).</summary>
public static class WireShards
{
    private const int DigestBytes = 32;

    public static byte[] Write(ShardAssignment assignment) => ToMessage(assignment).ToByteArray();

    /// <exception cref="WireException">The bytes are no assignment of this version.</exception>
    public static ShardAssignment ReadAssignment(ReadOnlySpan<byte> bytes) =>
        FromMessage(WireBytes.Parse(bytes, AssignmentMessage.Parser, m => (m.Version, m.End)));

    /// <summary>Without the losses of rows, which stay where they are.</summary>
    public static byte[] Write(IdentifiedResult result) => ToMessage(result).ToByteArray();

    /// <exception cref="WireException">The bytes are no result of this version and shape, or the totals are not those of the digest.</exception>
    /// <exception cref="BadInputException">There are more slices than the shape has room for.</exception>
    public static IdentifiedResult ReadResult(ReadOnlySpan<byte> bytes, TotalsShape shape) =>
        FromMessage(WireBytes.Parse(bytes, ShardResultMessage.Parser, m => (m.Version, m.End)), shape);

    public static byte[] Write(IdentifiedFailure failure) => ToMessage(failure).ToByteArray();

    /// <exception cref="WireException">The bytes are no failure of this version.</exception>
    public static IdentifiedFailure ReadFailure(ReadOnlySpan<byte> bytes) =>
        FromMessage(WireBytes.Parse(bytes, ShardFailureMessage.Parser, m => (m.Version, m.End)));

    internal static AssignmentMessage ToMessage(ShardAssignment assignment) => new()
    {
        Version = WireBytes.Version,
        Shard = ToMessage(assignment.Shard),
        Attempt = assignment.Attempt,
        Request = assignment.Request,
        End = true,
    };

    internal static ShardAssignment FromMessage(AssignmentMessage message)
    {
        CheckFrame("Assignment", message.Version, message.End);
        return new(FromMessage(message.Shard), WireBytes.Count("attempt", message.Attempt), WireBytes.Count("request", message.Request));
    }

    internal static ShardResultMessage ToMessage(IdentifiedResult result) => new()
    {
        Version = WireBytes.Version,
        Shard = result.Result.Shard,
        ShardId = result.ShardId,
        ExecutionDigest = ByteString.CopyFrom(Convert.FromHexString(result.Result.Digest)),
        Totals = WireTotals.ToMessage(result.Result.Totals),
        ElapsedTicks = result.Result.Elapsed.Ticks,
        BytesRead = result.Result.BytesRead,
        End = true,
    };

    internal static IdentifiedResult FromMessage(ShardResultMessage message, TotalsShape shape)
    {
        CheckFrame("ShardResult", message.Version, message.End);
        var totals = WireTotals.FromMessage(message.Totals, shape);
        string digest = Convert.ToHexStringLower(message.ExecutionDigest.Span);
        if (message.ExecutionDigest.Length != DigestBytes || digest != totals.ExecutionDigest())
        {
            throw new WireException($"ShardResult: shard {message.Shard} says digest {digest}, but its totals have {totals.ExecutionDigest()}");
        }

        var result = new ShardResult(
            WireBytes.Count("shard", message.Shard),
            digest,
            totals,
            TimeSpan.FromTicks(WireBytes.Count("elapsed", message.ElapsedTicks)),
            WireBytes.Count("bytes read", message.BytesRead));
        return new(message.ShardId, result);
    }

    internal static ShardFailureMessage ToMessage(IdentifiedFailure failure) => new()
    {
        Version = WireBytes.Version,
        Shard = failure.Shard,
        ShardId = failure.ShardId,
        Attempt = failure.Attempt,
        Message = failure.Failure.Message,
        Deterministic = failure.Failure.Deterministic,
        End = true,
    };

    internal static IdentifiedFailure FromMessage(ShardFailureMessage message)
    {
        CheckFrame("ShardFailure", message.Version, message.End);
        return new(
            WireBytes.Count("shard", message.Shard),
            message.ShardId,
            WireBytes.Count("attempt", message.Attempt),
            new ShardFailure(message.Message, message.Deterministic));
    }

    // Of a message inside another; one by itself has passed already.
    private static void CheckFrame(string name, uint version, bool isEnded)
    {
        if (version != WireBytes.Version || !isEnded)
        {
            throw new WireException($"{name}: version {version} where this program reads version {WireBytes.Version}, or cut");
        }
    }

    private static ShardMessage ToMessage(Shard shard) => new()
    {
        Version = WireBytes.Version,
        Index = shard.Index,
        Id = shard.Id,
        File = shard.File,
        RowGroup = shard.RowGroup,
        RowGroupFirstRow = shard.RowGroupFirstRow,
        Rows = shard.Rows,
        Bytes = shard.Bytes,
        FirstRow = shard.Start.FirstRow,
        PageOffset = shard.Start.PageOffset,
        RowsBefore = shard.Start.RowsBefore,
        ValuesBefore = shard.Start.ValuesBefore,
    };

    private static Shard FromMessage(ShardMessage? shard)
    {
        if (shard is null || shard.Version != WireBytes.Version)
        {
            throw new WireException($"Shard: version {shard?.Version ?? 0} where this program reads version {WireBytes.Version}");
        }

        return new Shard(
            WireBytes.Count("index", shard.Index),
            shard.Id,
            WireBytes.Count("file", shard.File),
            WireBytes.Count("row group", shard.RowGroup),
            new RowRangeStart(
                WireBytes.Count("first row", shard.FirstRow),
                WireBytes.Count("page offset", shard.PageOffset),
                WireBytes.Count("rows before", shard.RowsBefore),
                WireBytes.Count("values before", shard.ValuesBefore)),
            WireBytes.Count("row group's first row", shard.RowGroupFirstRow),
            WireBytes.Count("rows", shard.Rows),
            WireBytes.Count("bytes", shard.Bytes));
    }
}
