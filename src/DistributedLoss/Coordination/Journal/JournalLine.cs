using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using DistributedLoss.Wire;

namespace DistributedLoss.Coordination.Journal;

/// <summary>
/// One finished shard as a line of shards.jsonl: <c>{"shard":12,"id":"...","digest":"...","totals":"...","sha256":"..."}</c>, with the totals in wire form
/// as base64, and the checksum over all bytes ahead of <c>,"sha256"</c>.
/// </summary>
internal static class JournalLine
{
    private const int HashDigits = 64;

    private static ReadOnlySpan<byte> HashStart => ",\"sha256\":\""u8;
    private static ReadOnlySpan<byte> HashEnd => "\"}"u8;

    /// <summary>With its line feed.</summary>
    public static byte[] Write(ShardResult result, string id)
    {
        byte[] totals = WireTotals.Write(result.Totals);
        byte[] head = Encoding.UTF8.GetBytes($"{{\"shard\":{result.Shard},\"id\":\"{id}\",\"digest\":\"{result.Digest}\",\"totals\":\"");
        int signed = head.Length + Base64.GetMaxEncodedToUtf8Length(totals.Length) + 1;
        byte[] line = new byte[signed + HashStart.Length + HashDigits + HashEnd.Length + 1];
        head.CopyTo(line, 0);
        Base64.EncodeToUtf8(totals, line.AsSpan(head.Length), out _, out _);
        line[signed - 1] = (byte)'"';
        var tail = line.AsSpan(signed);
        HashStart.CopyTo(tail);
        Hash(line.AsSpan(0, signed)).CopyTo(tail[HashStart.Length..]);
        HashEnd.CopyTo(tail[(HashStart.Length + HashDigits)..]);
        line[^1] = (byte)'\n';
        return line;
    }

    /// <summary>Whether a line, without its line feed, is as it was written.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> line)
    {
        int tail = HashStart.Length + HashDigits + HashEnd.Length;
        if (line.Length < tail)
        {
            return false;
        }

        var signed = line[..^tail];
        return line[^tail..].StartsWith(HashStart) && line.EndsWith(HashEnd) && line.Slice(signed.Length + HashStart.Length, HashDigits).SequenceEqual(Hash(signed));
    }

    /// <param name="line">A whole one.</param>
    /// <exception cref="WireException">It is not of a shard of the plan, or its totals are not those of its digest.</exception>
    /// <exception cref="BadInputException">There are more slices than the run has room for.</exception>
    public static ShardResult Read(ReadOnlyMemory<byte> line, RunPlan plan)
    {
        int index;
        string? id, digest;
        byte[] bytes;
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            index = root.GetProperty("shard").GetInt32();
            id = root.GetProperty("id").GetString();
            digest = root.GetProperty("digest").GetString();
            bytes = root.GetProperty("totals").GetBytesFromBase64();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new WireException($"the line is not one of a journal ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})", e);
        }

        if ((uint)index >= plan.Shards.Count || plan.Shards[index].Id != id)
        {
            throw new WireException($"the run has no shard {index} of id {id}");
        }

        var totals = WireTotals.Read(bytes, plan.Shape);
        if (totals.ExecutionDigest() != digest)
        {
            throw new WireException($"the totals of shard {index} have digest {totals.ExecutionDigest()}, not {digest}");
        }

        if (totals.FileRows != plan.Shards[index].Rows)
        {
            throw new WireException($"the totals of shard {index} are of {totals.FileRows} rows, not of {plan.Shards[index].Rows}");
        }

        return new ShardResult(index, digest, totals, TimeSpan.Zero, plan.Shards[index].Bytes);
    }

    private static byte[] Hash(ReadOnlySpan<byte> signed) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(signed)));
}
