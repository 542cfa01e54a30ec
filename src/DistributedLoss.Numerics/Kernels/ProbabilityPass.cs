using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Where the pass over the probabilities writes; what is empty is not wanted.</summary>
internal readonly ref struct ProbabilityOutputs(
    Span<double> entropy, Span<double> brier, ReadOnlySpan<ClassProbabilitySums[]?> sums)
{
    public Span<double> Entropy { get; } = entropy;

    public Span<double> Brier { get; } = brier;

    public ReadOnlySpan<ClassProbabilitySums[]?> Sums { get; } = sums;

    /// <summary>With <see cref="GapTerms{TLanes}"/>: the mean of the gaps m - z_j under the softmax.</summary>
    public Span<double> MeanGap { get; init; }

    /// <summary>Likewise, of their squares.</summary>
    public Span<double> MeanSquareGap { get; init; }
}

/// <summary>
/// A pass over evaluated rows that forms every class's probability once more: p = r e, with r = exp(-top loss) for logits and 1 where the
/// values are probabilities already. It keeps three sums, of e, e x and e^2 (or e x^2), over all classes but one: the predicted class of logits, for
/// which e = 1 and x = 0, else the label; or takes them, and the e, from the pass before. What is made of the sums is in docs/numerics.md.
/// </summary>
internal unsafe ref struct ProbabilityPass<TLanes, TLogit, TRaw, TTerms>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLogit : struct, ILogit<TRaw>
    where TRaw : unmanaged
    where TTerms : struct, IProbabilityTerms<TLanes>
{
    private const int Lanes = LaneCount.Logical;
    private const int Group = BlockSum<TLanes>.Rows;
    private const int Sums = SpreadSum.Sums;
    private const int RowSums = SpreadSum.SumDoubles;
    private const int GroupSums = RowSums * Group;
    private const int ChunkClasses = SpreadSum.ChunkClasses;

    private readonly TRaw* _values;
    private readonly TRaw* _end;
    private readonly int _classes;
    private readonly bool _isLogits;

    // Of the pass before; null where they are not kept.
    private readonly double* _keptExps;
    private readonly double* _keptSums;

    private readonly double* _terms;
    private readonly TRaw* _tail;
    private readonly double* _rowSums;

    // By row of the group.
    private readonly double* _sums;
    private readonly double* _max;
    private readonly double* _scale;
    private readonly double* _labelTerm;
    private readonly double* _labelX;

    private ProbabilityPass(in LogitBlock block, byte* values, double* keptExps, double* keptSums, LossInput input, Scratch scratch)
    {
        _keptExps = keptExps;
        _keptSums = keptSums;
        _values = (TRaw*)values;
        _end = _values + ((nint)block.Rows * block.Classes);
        _classes = block.Classes;
        _isLogits = input == LossInput.Logits;
        _terms = scratch.Take(ChunkClasses);
        _tail = (TRaw*)scratch.Take(Lanes);
        _rowSums = scratch.Take(Sums * RowSums);
        _sums = scratch.Take(Sums * GroupSums);
        _max = scratch.Take(Group);
        _scale = scratch.Take(Group);
        _labelTerm = scratch.Take(Group);
        _labelX = scratch.Take(Group);
    }

    [SkipLocalsInit]
    public static void Evaluate(in LogitBlock block, LossInput input, ReadOnlySpan<int> labels, in RowLosses losses, in ProbabilityOutputs outputs)
    {
        const int Doubles = ChunkClasses + Lanes + (Sums * (RowSums + GroupSums)) + (4 * Group);
        byte* memory = stackalloc byte[Scratch.Bytes(Doubles)];
        new Span<byte>(memory, Scratch.Bytes(Doubles)).Clear();
        fixed (byte* values = block.Values)
        fixed (double* exps = losses.Exps, sums = losses.SpreadSums)
        {
            ProbabilityPass<TLanes, TLogit, TRaw, TTerms> pass = new(block, values, exps, sums, input, new Scratch(memory));
            for (int row = 0; row < block.Rows; row += Group)
            {
                pass.Evaluate(row, Math.Min(Group, block.Rows - row), labels, losses, outputs);
            }
        }
    }

    private readonly void Evaluate(int first, int rows, ReadOnlySpan<int> labels, in RowLosses losses, in ProbabilityOutputs outputs)
    {
        BeginGroup(first, rows, labels, losses);
        for (int i = 0; i < rows; i++)
        {
            int row = first + i;
            if (losses.Status[row] == RowStatus.Valid)
            {
                ClassProbabilitySums[] into = outputs.Sums.IsEmpty ? [] : outputs.Sums[row] ?? [];
                int left = _isLogits ? losses.Predicted[row] : labels[row];
                double* sums = _keptSums == null ? _rowSums : _keptSums + (row * SpreadSum.RowDoubles);
                if (_keptSums == null || into.Length > 0)
                {
                    AddRow(i, row, left, losses.TopLoss[row] < 0, into);
                }

                TakeSums(i, sums);
            }
        }

        Finish(first, rows, labels, losses, outputs);
    }

    /// <summary>Maximum, scale, and the label's own term of each valid row.</summary>
    private readonly void BeginGroup(int first, int rows, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        for (int sum = 0; sum < Sums; sum++)
        {
            new Span<double>(_sums + (sum * GroupSums) + (Lanes * Group), Lanes * Group).Clear();
        }

        for (int i = 0; i < rows; i++)
        {
            bool isValid = losses.Status[first + i] == RowStatus.Valid;
            TRaw* values = _values + ((nint)(first + i) * _classes);
            _max[i] = isValid ? TLogit.Widen(values[losses.Predicted[first + i]]) : 0;
            _labelX[i] = isValid ? TLogit.Widen(values[labels[first + i]]) : 0;
            _scale[i] = isValid && _isLogits ? losses.TopLoss[first + i] : 0;
        }

        for (int i = 0; i < rows; i += TLanes.Count)
        {
            TLanes.Store(LaneMath<TLanes>.Exp(TLanes.Load(_scale + i)), _scale + i);
            TLanes.Store(TTerms.Evaluate(TLanes.Load(_labelX + i), TLanes.Load(_max + i), out TLanes x), _labelTerm + i);
            TLanes.Store(x, _labelX + i);
        }
    }

    /// <summary>Forms the row's sums, unless they are kept, and adds its probabilities to those of its classes.</summary>
    private readonly void AddRow(int i, int row, int left, bool isAnyAboveOne, ClassProbabilitySums[] into)
    {
        foreach (ClassProbabilitySums sums in into)
        {
            sums.BeginRow();
        }

        TRaw* values = _values + ((nint)row * _classes);
        double* exps = _keptExps + (row * KeptRows.Stride(_classes));
        if (_keptExps != null)
        {
            exps[left] = 1;
        }

        for (int first = 0; first < _classes; first += ChunkClasses)
        {
            int n = Math.Min(ChunkClasses, _classes - first);
            double* terms = _keptExps == null ? _terms : exps + first;
            if (_keptExps == null)
            {
                SpreadSum<TLanes, TLogit, TRaw, TTerms>.Add(values + first, _end, _tail, terms, n, left - first, _max[i], _rowSums, first == 0);
            }

            foreach (ClassProbabilitySums sums in into)
            {
                AddTo(sums.Units.Slice(first, (n + Lanes - 1) / Lanes * Lanes), terms, _scale[i], isAnyAboveOne);
            }
        }
    }

    private readonly void TakeSums(int i, double* rowSums)
    {
        // The first chunk loses nothing, which the group has already.
        int used = _classes <= ChunkClasses ? Lanes : RowSums;
        for (int sum = 0; sum < Sums; sum++)
        {
            double* from = rowSums + (sum * RowSums);
            double* to = _sums + (sum * GroupSums) + i;
            for (int lane = 0; lane < used; lane++)
            {
                to[lane * Group] = from[lane];
            }
        }
    }

    /// <summary>
    /// Adds each p, rounded to a multiple of 2^-52. From 1 to 2, a double's last place is 2^-52: the bits of 1 + p are those of 1 and p in
    /// these units. Those of 1 are taken off again when the sums carry.
    /// </summary>
    private readonly void AddTo(Span<long> units, double* terms, double scale, bool isAnyAboveOne)
    {
        if (isAnyAboveOne)
        {
            // The values are p themselves. From 1 to 4, p is a multiple of 2^-52.
            for (int c = 0; c < units.Length; c++)
            {
                double p = terms[c];
                units[c] += p < 1 ? BitConverter.DoubleToInt64Bits(1 + p) : ClassProbabilitySums.RowUnits + (long)(p * ClassProbabilitySums.UnitsOfOne);
            }

            return;
        }

        TLanes one = TLanes.Create(1);
        TLanes r = TLanes.Create(scale);
        fixed (long* sums = units)
        {
            double* sum = (double*)sums;
            for (int c = 0; c < units.Length; c += TLanes.Count)
            {
                TLanes.Store(TLanes.AddBits(TLanes.Load(sum + c), TLanes.Fma(TLanes.Load(terms + c), r, one)), sum + c);
            }
        }
    }

    private readonly void Finish(int first, int rows, ReadOnlySpan<int> labels, in RowLosses losses, in ProbabilityOutputs outputs)
    {
        if (outputs.Entropy.IsEmpty && outputs.Brier.IsEmpty && outputs.MeanGap.IsEmpty)
        {
            return;
        }

        for (int sum = 0; sum < Sums; sum++)
        {
            BlockSum<TLanes>.Reduce(_sums + (sum * GroupSums), rows, Lanes);
        }

        for (int i = 0; i < rows; i++)
        {
            int row = first + i;
            bool isValid = losses.Status[row] == RowStatus.Valid;
            if (!outputs.Entropy.IsEmpty)
            {
                outputs.Entropy[row] = isValid ? Entropy(i, losses.TopLoss[row]) : double.NaN;
            }

            if (!outputs.Brier.IsEmpty)
            {
                outputs.Brier[row] = isValid ? Brier(i, labels[row] == losses.Predicted[row]) : double.NaN;
            }

            if (!outputs.MeanGap.IsEmpty)
            {
                outputs.MeanGap[row] = isValid ? _scale[i] * _sums[GroupSums + i] : double.NaN;
                outputs.MeanSquareGap[row] = isValid ? _scale[i] * _sums[(2 * GroupSums) + i] : double.NaN;
            }
        }
    }

    private readonly double Entropy(int i, double topLoss)
    {
        double sum = _sums[GroupSums + i];
        return _isLogits ? topLoss + (_scale[i] * sum) : sum + (_labelTerm[i] * _labelX[i]);
    }

    // (1 - p)^2 of the label and p^2 of the others, with no difference that loses digits: 1 - p is the sum of the others' p where the label is
    // the predicted class, and where it is not, p <= 1/2.
    private readonly double Brier(int i, bool isPredicted)
    {
        double others = _sums[i];
        double squares = _sums[(2 * GroupSums) + i];
        double r = _scale[i];
        if (!_isLogits)
        {
            double distance = typeof(TTerms) == typeof(ProbTerms<TLanes>) ? 1 - _labelTerm[i] : OneMinusExp(_labelX[i], _labelTerm[i]);
            return squares + (distance * distance);
        }

        return isPredicted
            ? (r * others * (r * others)) + (r * (r * squares))
            : (r * (r * (1 + squares))) + (1 - (2 * (r * _labelTerm[i])));
    }

    /// <summary>1 - exp(-x), from p = exp(-x) rounded: the logarithm of p makes up for the rounding, to a few ulp (Kahan).</summary>
    private static double OneMinusExp(double x, double p) => p == 1 ? x : p == 0 ? 1 : (1 - p) * x / (0.0 - Elementary.Log(p));
}
