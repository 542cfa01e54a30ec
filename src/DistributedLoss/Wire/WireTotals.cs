using DistributedLoss.Evaluation;
using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Wire;

/// <summary>Totals as bytes (messages.proto, TotalsMessage), and back to the same bits. Equal totals have equal bytes.</summary>
public static class WireTotals
{
    public static byte[] Write(Totals totals) => ToMessage(totals).ToByteArray();

    /// <param name="bytes">All of them, and no other.</param>
    /// <param name="shape">That of the run; it bounds what is allocated.</param>
    /// <exception cref="WireException">The bytes are cut or damaged, of another version or shape, or hold what this version does not know.</exception>
    /// <exception cref="BadInputException">There are more slices than the shape has room for.</exception>
    public static Totals Read(ReadOnlySpan<byte> bytes, TotalsShape shape) =>
        FromMessage(WireBytes.Parse(bytes, TotalsMessage.Parser, m => (m.Version, m.End)), shape);

    internal static TotalsMessage ToMessage(Totals totals)
    {
        var message = new TotalsMessage { Version = WireBytes.Version, Shape = WireShape.Write(totals.Shape), Sums = WireSums.Write(totals), End = true };
        foreach (var row in totals.Hardest.ToSorted())
        {
            message.Hardest.Add(ToMessage(row));
        }

        foreach (var (key, slice) in totals.Slices?.Sorted ?? [])
        {
            var sliceMessage = new SliceMessage { Set = (uint)key.Set, Sums = WireSums.Write(slice) };
            sliceMessage.Values.AddRange(key.Values.Select(ToMessage));
            message.Slices.Add(sliceMessage);
        }

        return message;
    }

    internal static Totals FromMessage(TotalsMessage? message, TotalsShape shape)
    {
        if (message is null || message.Version != WireBytes.Version)
        {
            throw new WireException($"Totals: version {message?.Version ?? 0} where this program reads version {WireBytes.Version}");
        }

        if (!message.End)
        {
            throw new WireException("Totals: they are cut");
        }

        WireShape.Check(message.Shape, shape);
        var totals = new Totals(shape);
        WireSums.Read(message.Sums, totals);
        ReadHardest(message, totals);
        ReadSlices(message, totals);
        return totals;
    }

    private static void ReadHardest(TotalsMessage message, Totals totals)
    {
        HardestRow[] rows = [.. message.Hardest.Select(FromMessage)];
        if (rows.Length > totals.Shape.Hardest)
        {
            throw new WireException($"hardest rows: {rows.Length} where there are at most {totals.Shape.Hardest}");
        }

        foreach (var row in rows)
        {
            totals.Hardest.Add(row);
        }

        if (!totals.Hardest.ToSorted().SequenceEqual(rows))
        {
            throw new WireException("hardest rows: they are not in falling order of loss");
        }
    }

    private static void ReadSlices(TotalsMessage message, Totals totals)
    {
        SliceKey? previous = null;
        foreach (var slice in message.Slices)
        {
            var sets = totals.Shape.SliceSets;
            if (slice.Set >= sets.Count || slice.Values.Count != sets[(int)slice.Set].Count)
            {
                throw new WireException($"slices: {slice.Values.Count} values in set {slice.Set}, which the run has not");
            }

            var key = new SliceKey((int)slice.Set, [.. slice.Values.Select(FromMessage)]);
            if (previous is not null && SliceKey.Compare(previous, key) >= 0)
            {
                throw new WireException($"slices: {key.Identity} follows {previous.Identity}");
            }

            WireSums.Read(slice.Sums, totals.Slices![key]);
            previous = key;
        }
    }

    private static SliceValueMessage ToMessage(string? text)
    {
        var message = new SliceValueMessage();
        if (text is not null)
        {
            byte[] bytes = new byte[2 * text.Length];
            for (int i = 0; i < text.Length; i++)
            {
                (bytes[2 * i], bytes[(2 * i) + 1]) = ((byte)text[i], (byte)(text[i] >> 8));
            }

            message.Text = UnsafeByteOperations.UnsafeWrap(bytes);
        }

        return message;
    }

    private static string? FromMessage(SliceValueMessage message)
    {
        if (!message.HasText)
        {
            return null;
        }

        if (message.Text.Length % 2 != 0)
        {
            throw new WireException($"slices: a value of {message.Text.Length} bytes is no UTF-16");
        }

        return string.Create(message.Text.Length / 2, message.Text, static (text, bytes) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = (char)(bytes[2 * i] | (bytes[(2 * i) + 1] << 8));
            }
        });
    }

    private static HardestRowMessage ToMessage(HardestRow row) => new()
    {
        Loss = BitConverter.DoubleToUInt64Bits(row.Loss),
        File = row.File,
        RowGroup = row.RowGroup,
        Row = row.Row,
        Label = row.Label,
        Predicted = row.Predicted,
        Rank = row.Rank,
        Position = row.Position,
    };

    private static HardestRow FromMessage(HardestRowMessage row)
    {
        double loss = BitConverter.UInt64BitsToDouble(row.Loss);
        return double.IsNaN(loss)
            ? throw new WireException("hardest rows: a loss is not a number")
            : new HardestRow(
                loss,
                WireBytes.Count("file", row.File),
                WireBytes.Count("row group", row.RowGroup),
                WireBytes.Count("row", row.Row),
                row.Label,
                row.Predicted,
                row.Rank)
            { Position = row.Position };
    }
}
