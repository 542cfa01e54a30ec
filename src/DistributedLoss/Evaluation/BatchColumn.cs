namespace DistributedLoss.Evaluation;

/// <summary>A column of a <see cref="RowBatch"/>, whatever its type.</summary>
internal interface IBatchColumn
{
    void Move(int from, int to);

    void CopyTo(IBatchColumn target, ReadOnlySpan<int> rows);
}

/// <summary>A column of a <see cref="RowBatch"/>.</summary>
/// <param name="length">0 for a column that the run does not need.</param>
/// <param name="width">Entries of a row.</param>
internal sealed class BatchColumn<T>(int length, int width) : IBatchColumn
{
    public T[] Values { get; } = length == 0 ? [] : new T[length];

    public void Move(int from, int to)
    {
        if (Values.Length > 0)
        {
            Values.AsSpan(from * width, width).CopyTo(Values.AsSpan(to * width));
        }
    }

    public void CopyTo(IBatchColumn target, ReadOnlySpan<int> rows)
    {
        var values = ((BatchColumn<T>)target).Values;
        if (Values.Length == 0)
        {
            return;
        }

        if (width == 1)
        {
            for (int i = 0; i < rows.Length; i++)
            {
                values[i] = Values[rows[i]];
            }

            return;
        }

        for (int i = 0; i < rows.Length; i++)
        {
            Values.AsSpan(rows[i] * width, width).CopyTo(values.AsSpan(i * width));
        }
    }
}
