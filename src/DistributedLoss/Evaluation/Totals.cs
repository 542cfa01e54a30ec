using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Evaluation;

/// <summary>
/// Everything that is summed over rows: of one shard, or of a whole run. Made of integers and exact sums, so that merging is order-free to the last bit.
/// </summary>
public sealed class Totals
{
    // The first bytes of the canonical form; a change of the form changes them.
    private static ReadOnlySpan<byte> CanonicalHeader => "dloss totals 1\n"u8;
    private static ReadOnlySpan<byte> WeightedHeader => "weighted\n"u8;
    private static ReadOnlySpan<byte> TargetsHeader => "targets\n"u8;
    private static ReadOnlySpan<byte> BytesHeader => "bytes\n"u8;
    private static ReadOnlySpan<byte> GroupsHeader => "groups\n"u8;
    private static ReadOnlySpan<byte> SlicesHeader => "slices\n"u8;
    private static ReadOnlySpan<byte> UnnormalizedHeader => "unnormalized\n"u8;

    // Those that any run can have; the other causes follow only where their options are in use, so that plain runs keep their digest.
    private static readonly InvalidCause[] PlainCauses =
    [
        InvalidCause.NullLabel, InvalidCause.LabelOutOfRange, InvalidCause.NullLogits, InvalidCause.WrongLength, InvalidCause.NaN, InvalidCause.Infinity,
        InvalidCause.AllMasked,
    ];

    public Totals(TotalsShape shape)
    {
        Shape = shape;
        Weighted = shape.Weighted ? new WeightedLoss() : null;
        Classes = new ClassTotals(shape.IsBinary ? 0 : shape.Classes);
        Binary = shape.IsBinary ? new BinaryClassTotals(shape.Classes) : null;
        Ranks = new RankCounts([.. shape.TopK]);
        Hardest = new HardestRows(shape.Hardest);
        Statistics = new StatisticTotals(shape);
        Slopes = NewSlopes(shape.SlopeTemperatures.Count);
        Slices = shape.SliceSets.Count == 0 ? null : new SliceTotals(shape);
        Groups = shape.GroupBy is null ? null : new GroupMeans(shape.Weighted);
    }

    public TotalsShape Shape { get; }

    public RowCounts Rows { get; } = new();

    /// <summary>Rows of the file that are sequences; their positions are <see cref="Rows"/>.</summary>
    public long Sequences { get; internal set; }

    /// <summary>Rows of the files that are accounted for.</summary>
    public long FileRows => Shape.IsSequence ? Sequences : Rows.Total;

    /// <summary>Of the row losses without weights.</summary>
    public LossMoments Losses { get; } = new();

    /// <summary>The weighted mean's; null where rows have no weights.</summary>
    public WeightedLoss? Weighted { get; }

    /// <summary>Without classes where rows hold independent elements.</summary>
    public ClassTotals Classes { get; }

    /// <summary>Of independent elements; null where rows have one label.</summary>
    public BinaryClassTotals? Binary { get; }

    public RankCounts Ranks { get; }

    public HardestRows Hardest { get; }

    public StatisticTotals Statistics { get; }

    /// <summary>The bytes that the evaluated rows stand for; 0 where nobody asks.</summary>
    public Wide Bytes { get; internal set; }

    /// <summary>Null without groups.</summary>
    public GroupMeans? Groups { get; }

    /// <summary>One for each of the <see cref="TotalsShape.SlopeTemperatures"/>.</summary>
    public IReadOnlyList<SlopeSums> Slopes { get; }

    /// <summary>Null without slices.</summary>
    public SliceTotals? Slices { get; }

    /// <summary>The mean over the evaluated rows, weighted where they have weights, correctly rounded; null when there is none.</summary>
    public double? MeanLoss => Weighted is null ? Losses.Mean : Weighted.Mean;

    /// <summary>Its normal 95% interval; null below two rows that weigh anything, NaN where a loss is not finite.</summary>
    public (double Low, double High)? MeanInterval95 => Weighted is null ? Losses.Interval95 : Weighted.Interval95;

    /// <summary>Adds rows that are all evaluated.</summary>
    internal void Add(RowBatch rows)
    {
        int n = rows.ElementCount;
        var losses = rows.Loss.AsSpan(0, n);
        var range = LossRange.Of(losses);
        Rows.Evaluated += rows.Count;
        Losses.Add(losses, range);
        if (Binary is not null)
        {
            Binary.Add(rows.Target.AsSpan(0, n), rows.Score.AsSpan(0, n), losses, Shape.PositiveAbove);
        }
        else
        {
            Classes.Add(rows.Label.AsSpan(0, n), rows.Predicted.AsSpan(0, n), losses, range);
            Ranks.Add(rows.Rank.AsSpan(0, n));
        }

        for (int i = 0; Weighted is not null && i < n; i++)
        {
            if (Shape.HasRest)
            {
                Weighted.Add(rows.Weight[i], rows.LabelLoss[i], rows.RestWeight[i], rows.Rest[i]);
            }
            else
            {
                Weighted.Add(rows.Weight[i], losses[i]);
            }
        }

        Statistics.Add(rows, range);
        for (int t = 0; t < Slopes.Count; t++)
        {
            Slopes[t].Add(rows.Slopes[t].Slice(0, n));
        }

        AddGroups(rows);
        for (int i = 0; Shape.CountsBytes && i < rows.Count; i++)
        {
            Bytes += (ulong)rows.Bytes[i];
        }
    }

    public void Add(Totals other)
    {
        Rows.Add(other.Rows);
        Sequences += other.Sequences;
        Losses.Add(other.Losses);
        if (other.Weighted is not null)
        {
            (Weighted ?? throw new ArgumentException("weighted totals cannot be added to those without weights", nameof(other))).Add(other.Weighted);
        }

        Classes.Add(other.Classes);
        Binary?.Add(other.Binary!);
        Ranks.Add(other.Ranks);
        Hardest.Add(other.Hardest);
        Statistics.Add(other.Statistics);
        for (int t = 0; t < Slopes.Count; t++)
        {
            Slopes[t].Add(other.Slopes[t]);
        }

        Bytes += other.Bytes;
        try
        {
            Groups?.Add(other.Groups!);
        }
        catch (LimitExceededException e)
        {
            throw TooManyGroups(e);
        }

        if (other.Slices is not null)
        {
            Slices!.Add(other.Slices);
        }
    }

    public void Clear()
    {
        Rows.Clear();
        Sequences = 0;
        Losses.Clear();
        Weighted?.Clear();
        Classes.Clear();
        Binary?.Clear();
        Ranks.Clear();
        Hardest.Clear();
        Statistics.Clear();
        foreach (var slopes in Slopes)
        {
            slopes.Clear();
        }

        Bytes = 0;
        Groups?.Clear();
        Slices?.Clear();
    }

    /// <summary>
    /// SHA-256 in lower-case hex over the canonical totals: counts, losses, classes and ranks, and weights, bytes, groups and slices where a run has them. Rows appear
    /// in it as counts and sums only, so that it does not depend on files; <see cref="Statistics"/> and <see cref="Slopes"/> do not, so that it does not depend on what was asked for.
    /// </summary>
    public string Digest()
    {
        using var bytes = new HashWriter();
        WriteCanonical(bytes, withStatistics: false);
        return bytes.Finish();
    }

    /// <summary>Like <see cref="Digest"/>, with statistics, slopes and the hardest rows' places: equal for equal executions of one shard.</summary>
    public string ExecutionDigest()
    {
        using var bytes = new HashWriter();
        WriteCanonical(bytes, withStatistics: true);
        foreach (var row in Hardest.ToSorted())
        {
            var span = bytes.GetSpan(40);
            BinaryPrimitives.WriteDoubleLittleEndian(span, row.Loss);
            BinaryPrimitives.WriteInt32LittleEndian(span[8..], row.File);
            BinaryPrimitives.WriteInt64LittleEndian(span[12..], row.Row);
            BinaryPrimitives.WriteInt32LittleEndian(span[20..], row.RowGroup);
            BinaryPrimitives.WriteInt32LittleEndian(span[24..], row.Label);
            BinaryPrimitives.WriteInt32LittleEndian(span[28..], row.Predicted);
            BinaryPrimitives.WriteInt32LittleEndian(span[32..], row.Rank);
            BinaryPrimitives.WriteInt32LittleEndian(span[36..], row.Position);
            bytes.Advance(40);
        }

        return bytes.Finish();
    }

    private void AddGroups(RowBatch rows)
    {
        int group = -1;
        for (int i = 0; Groups is not null && i < rows.ElementCount; i++)
        {
            // Rows of one group often stand together.
            string? key = rows.Group[i / rows.Width];
            if (i == 0 || key != rows.Group[(i - 1) / rows.Width])
            {
                group = GroupOf(key);
            }

            if (Shape.HasRest)
            {
                Groups.Add(group, rows.Weight[i], rows.LabelLoss[i], rows.RestWeight[i], rows.Rest[i]);
            }
            else if (Shape.Weighted)
            {
                Groups.Add(group, rows.Weight[i], rows.Loss[i]);
            }
            else
            {
                Groups.Add(group, rows.Loss[i]);
            }
        }
    }

    private int GroupOf(string? key)
    {
        try
        {
            return Groups!.GroupOf(key);
        }
        catch (LimitExceededException e)
        {
            throw TooManyGroups(e);
        }
    }

    private BadInputException TooManyGroups(LimitExceededException e) =>
        new($"--group-by {Shape.GroupBy}: there are more than {e.Limit} {e.What}; group by a column of fewer values");

    private void WriteCanonical(IBufferWriter<byte> bytes, bool withStatistics)
    {
        bytes.Write(CanonicalHeader);
        WriteInt64(bytes, Rows.Evaluated);
        WriteInt64(bytes, Rows.Ignored);
        foreach (var cause in PlainCauses)
        {
            WriteInt64(bytes, Rows[cause]);
        }

        Losses.WriteTo(bytes);
        Classes.WriteTo(bytes);
        Ranks.WriteTo(bytes);
        if (Weighted is not null)
        {
            bytes.Write(WeightedHeader);
            WriteInt64(bytes, Rows[InvalidCause.BadWeight]);
            Weighted.WriteTo(bytes);
        }

        if (Rows[InvalidCause.Unnormalized] > 0)
        {
            bytes.Write(UnnormalizedHeader);
            WriteInt64(bytes, Rows[InvalidCause.Unnormalized]);
        }

        if (Shape.IsSoft || Shape.IsBinary)
        {
            bytes.Write(TargetsHeader);
            WriteInt64(bytes, Rows[InvalidCause.BadTarget]);
            Binary?.WriteTo(bytes);
        }

        if (Shape.CountsBytes)
        {
            bytes.Write(BytesHeader);
            WriteInt64(bytes, Rows[InvalidCause.BadBytes]);
            WriteInt64(bytes, (long)Bytes.Low);
            WriteInt64(bytes, (long)Bytes.High);
        }

        if (Groups is not null)
        {
            bytes.Write(GroupsHeader);
            Groups.WriteTo(bytes);
        }

        if (withStatistics)
        {
            Statistics.WriteTo(bytes);
            foreach (var slopes in Slopes)
            {
                slopes.WriteTo(bytes);
            }
        }

        if (Slices is not null)
        {
            bytes.Write(SlicesHeader);
            WriteInt64(bytes, Slices.Count);
            foreach (var (key, totals) in Slices.Sorted)
            {
                byte[] identity = Encoding.UTF8.GetBytes(key.Identity);
                WriteInt64(bytes, identity.Length);
                bytes.Write(identity);
                totals.WriteCanonical(bytes, withStatistics);
            }
        }
    }

    private static SlopeSums[] NewSlopes(int count)
    {
        var slopes = new SlopeSums[count];
        for (int t = 0; t < count; t++)
        {
            slopes[t] = new SlopeSums();
        }

        return slopes;
    }

    private static void WriteInt64(IBufferWriter<byte> bytes, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes.GetSpan(8), value);
        bytes.Advance(8);
    }
}
