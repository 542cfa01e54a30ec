using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>The columns beside logits and targets that a run reads: one value a row of the file.</summary>
internal sealed class SideColumns(RunPlan plan) : IDisposable
{
    private readonly string? _weightColumn = plan.Options.SampleWeightColumn;
    private readonly double[] _weights = plan.Options.SampleWeightColumn is null ? [] : new double[plan.TileRows];
    private readonly bool[] _weightIsNull = plan.Options.SampleWeightColumn is null ? [] : new bool[plan.TileRows];
    private NumberColumnReader? _weightReader;

    public bool HasWeights => _weightColumn is not null;

    /// <summary>A row's sample weight as it is in the file, 0 for a null; 1 without a column of weights.</summary>
    public double Weight(int row) => HasWeights ? _weights[row] : 1;

    public bool WeightIsNull(int row) => HasWeights && _weightIsNull[row];

    /// <summary>Begins a row group.</summary>
    /// <param name="skip">Rows of it to pass over.</param>
    public void Open(ParquetFile file, int rowGroup, long skip)
    {
        Dispose();
        if (_weightColumn is not null)
        {
            _weightReader = NumberColumnReader.Open(file, _weightColumn, rowGroup);
            _weightReader.Skip(skip);
        }
    }

    /// <summary>Reads the next rows.</summary>
    /// <exception cref="ParquetException">A column has fewer.</exception>
    public void Read(int rows, in TilePlace place)
    {
        if (_weightReader?.Read(_weights.AsSpan(0, rows), _weightIsNull.AsSpan(0, rows)) < rows)
        {
            throw new ParquetException("the column has fewer rows than the logits; write the file again", place.Path, place.Shard.RowGroup, _weightColumn);
        }
    }

    /// <inheritdoc cref="TileEvaluator.LongerColumn"/>
    public string? LongerColumn() => _weightReader?.Read(stackalloc double[1], stackalloc bool[1]) > 0 ? _weightColumn : null;

    public void Dispose()
    {
        _weightReader?.Dispose();
        _weightReader = null;
    }
}
