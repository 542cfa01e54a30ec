using System.Text;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Evaluation;

/// <summary>The classes' names, which labels that are text are looked up in. Other names that a column has are kept for messages, few at a time.</summary>
/// <param name="names">In the order of the classes.</param>
/// <param name="batch">Most labels that are looked up between two uses of <see cref="Keys"/>.</param>
internal sealed class ClassNameTable(IReadOnlyList<string> names, int batch)
{
    // So many are forgotten at once, because the classes' names are then entered again.
    private const int MaxOthers = 1000;

    private readonly long _textBytes = names.Sum(name => (long)Encoding.UTF8.GetByteCount(name)) + ((long)(MaxOthers + batch) * KeyTable.MaxKeyBytes);
    private KeyTable? _keys;

    /// <summary>A table that begins with the classes' names and has room for a batch of others; those of earlier batches may be gone from it.</summary>
    public KeyTable Keys
    {
        get
        {
            if (_keys is null || _keys.Count > names.Count + MaxOthers)
            {
                _keys = new KeyTable(names.Count + MaxOthers + batch, _textBytes);
                foreach (string name in names)
                {
                    _keys.Add(name);
                }
            }

            return _keys;
        }
    }

    /// <summary>The class of a key; of a name that no class has, a negative number.</summary>
    public long Label(int key) => key < names.Count ? key : ~key;

    /// <summary>The name that became a negative label in the last batch.</summary>
    public string Other(long label) => _keys![(int)~label];
}
