using System.Runtime.InteropServices;
using DistributedLoss.Numerics;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Evaluation;

/// <summary>
/// Rows side by side, column by column: what a <see cref="TileEvaluator"/> writes and totals add. A row has one entry in each column, or with binary
/// logits one for each of its classes: its elements. Columns that the run does not need are empty. Allocated once, for so many rows at most.
/// </summary>
internal sealed class RowBatch
{
    private readonly List<IBatchColumn> _columns = [];

    public RowBatch(int capacity, TotalsShape shape)
    {
        // Where no row tells the classes, each still has a place.
        Width = shape.IsBinary ? Math.Max(shape.Classes, 1) : 1;
        int elements = capacity * Width;
        Capacity = capacity;
        Fate = new RowFate[capacity];
        Status = new RowStatus[capacity];
        Label = Elements<int>(elements);
        Loss = Elements<double>(elements);
        Predicted = Elements<int>(elements);
        Rank = Elements<int>(shape.IsBinary ? 0 : elements);
        Weight = Elements<double>(shape.Weighted ? elements : 0);
        LabelLoss = Elements<double>(shape.HasRest ? elements : 0);
        RestWeight = Elements<double>(shape.HasRest ? elements : 0);
        Rest = Elements<double>(shape.HasRest ? elements : 0);
        bool calibrates = shape.Statistics.HasFlag(StatisticKinds.Calibration);
        TopLoss = shape.Statistics.HasAny(StatisticKinds.Calibration | StatisticKinds.Probabilities) ? new double[elements] : [];
        Confidence = Elements<double>(calibrates ? elements : 0);
        Entropy = Elements<double>(shape.Statistics.HasFlag(StatisticKinds.Entropy) ? elements : 0);
        Brier = Elements<double>(shape.Statistics.HasFlag(StatisticKinds.Brier) ? elements : 0);
        Target = Elements<double>(shape.IsBinary ? elements : 0);
        Score = Elements<double>(shape.IsBinary ? elements : 0);
        Divergence = Elements<double>(shape.IsSoft ? elements : 0);
        Row = Rows<long>(shape.IsSequence ? capacity : 0);
        Position = Rows<int>(shape.IsSequence ? capacity : 0);
        Bytes = Rows<long>(shape.CountsBytes ? capacity : 0);
        Group = Rows<string?>(shape.GroupBy is null ? 0 : capacity);
        Slopes = new SlopeColumns[shape.SlopeTemperatures.Count];
        for (int t = 0; t < Slopes.Length; t++)
        {
            Slopes[t] = new SlopeColumns(Elements<double>(elements), Elements<double>(elements), Elements<double>(elements), Elements<double>(elements));
        }

        Slice = [.. shape.SliceSets.Select(_ => Rows<int>(capacity))];
    }

    public int Capacity { get; }

    /// <summary>Rows in use, from the front.</summary>
    public int Count { get; set; }

    /// <summary>Elements of a row.</summary>
    public int Width { get; }

    /// <summary>Elements in use.</summary>
    public int ElementCount => Count * Width;

    public RowFate[] Fate { get; }

    /// <summary>What the kernel says of the row.</summary>
    public RowStatus[] Status { get; }

    /// <summary>The class, or <see cref="Labels.Skip"/>; with soft targets the one of the largest; of an element 1 if its target is positive, else 0.</summary>
    public int[] Label { get; }

    /// <summary>Without sample weights and, unless targets are soft, without class weights; in nats.</summary>
    public double[] Loss { get; }

    /// <summary>The predicted class; of an element 1 if it is predicted positive, else 0.</summary>
    public int[] Predicted { get; }

    /// <summary>The label's.</summary>
    public int[] Rank { get; }

    /// <summary>The row's share of the denominator: class weight times sample weight, rounded once. For weighted runs.</summary>
    public double[] Weight { get; }

    /// <summary>
    /// In weighted runs where a row's numerator is not <see cref="Weight"/> times <see cref="Loss"/>, but Weight times LabelLoss plus <see cref="RestWeight"/>
    /// times <see cref="Rest"/>: with smoothing and class weights, the label's own part of the loss.
    /// </summary>
    public double[] LabelLoss { get; }

    /// <inheritdoc cref="LabelLoss"/>
    public double[] RestWeight { get; }

    /// <summary>As for <see cref="LabelLoss"/>: with smoothing and class weights, E / C times the sum over the classes of weight times loss.</summary>
    public double[] Rest { get; }

    /// <summary>The loss of the predicted class, as the kernel gives it; for calibration and whatever else takes probabilities.</summary>
    public double[] TopLoss { get; }

    /// <summary>The predicted class's probability; for calibration.</summary>
    public double[] Confidence { get; }

    /// <summary>Of the predicted distribution, in nats.</summary>
    public double[] Entropy { get; }

    /// <summary>The sum over the classes of (probability - target)^2.</summary>
    public double[] Brier { get; }

    /// <summary>Of an element, from 0 to 1.</summary>
    public double[] Target { get; }

    /// <summary>An element's logit, divided by the temperature, or its probability.</summary>
    public double[] Score { get; }

    /// <summary>The Kullback-Leibler divergence of the prediction from a soft target, in nats.</summary>
    public double[] Divergence { get; }

    /// <summary>Of a position: its row, 0-based within the file.</summary>
    public long[] Row { get; }

    /// <summary>Of a position: where it is in its row, from 0.</summary>
    public int[] Position { get; }

    /// <summary>How many bytes the row stands for; at least 0.</summary>
    public long[] Bytes { get; }

    /// <summary>The row's value in the column that groups go by, as text; null for a null.</summary>
    public string?[] Group { get; }

    /// <summary>For each temperature that is asked for, how the loss changes with it.</summary>
    public SlopeColumns[] Slopes { get; }

    /// <summary>For each set of slices the row's slice, as <see cref="SliceRouter"/> numbers them.</summary>
    public int[][] Slice { get; }

    public bool AreAllEvaluated => AreEvaluatedFrom(0);

    /// <summary>Whether all rows from one on are evaluated.</summary>
    public bool AreEvaluatedFrom(int first) =>
        Scan.AreAll(MemoryMarshal.AsBytes(Fate.AsSpan(first, Count - first)), (byte)RowFate.Evaluated);

    /// <summary>Drops the rows that are not evaluated; the others keep their order.</summary>
    public void KeepEvaluated()
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (Fate[i] == RowFate.Evaluated)
            {
                if (kept != i)
                {
                    Fate[kept] = Fate[i];
                    foreach (var column in _columns)
                    {
                        column.Move(i, kept);
                    }
                }

                kept++;
            }
        }

        Count = kept;
    }

    /// <summary>Fills another batch of the same columns, slices aside, with some of the evaluated rows of this one.</summary>
    public void CopyTo(RowBatch target, ReadOnlySpan<int> rows)
    {
        for (int c = 0; c < target._columns.Count; c++)
        {
            _columns[c].CopyTo(target._columns[c], rows);
        }

        target.Fate.AsSpan(0, rows.Length).Clear();
        target.Count = rows.Length;
    }

    private T[] Elements<T>(int length) => Add(new BatchColumn<T>(length, Width));

    private T[] Rows<T>(int length) => Add(new BatchColumn<T>(length, 1));

    private T[] Add<T>(BatchColumn<T> column)
    {
        _columns.Add(column);
        return column.Values;
    }
}
