namespace DistributedLoss.Comparison;

/// <summary>Numbers for names (of files), for all threads; no result depends on which name has which number.</summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<string> _names = [];

    public string this[int number]
    {
        get
        {
            lock (_names)
            {
                return _names[number];
            }
        }
    }

    public int NumberOf(string name)
    {
        lock (_names)
        {
            if (!_numbers.TryGetValue(name, out int number))
            {
                number = _names.Count;
                _numbers.Add(name, number);
                _names.Add(name);
            }

            return number;
        }
    }
}
