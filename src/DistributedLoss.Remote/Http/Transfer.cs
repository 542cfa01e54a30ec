namespace DistributedLoss.Remote.Http;

/// <summary>One part of a file on its way, over as many attempts as it takes.</summary>
/// <param name="from">First byte; negative for the last <c>-from</c> bytes of a file of unknown length.</param>
/// <param name="target">As long as the part, or longer than the file.</param>
/// <param name="identity">What the file must be; null before the first answer.</param>
internal sealed class Transfer(long from, Memory<byte> target, FileIdentity? identity)
{
    private long _from = from;
    private int _count = target.Length;

    public FileIdentity? Identity { get; private set; } = identity;

    public Memory<byte> Target => target;

    /// <summary>Bytes that have arrived, from the front.</summary>
    public int Done { get; set; }

    public int Left => _count - Done;

    public bool IsDone => Left == 0;

    /// <summary>The first byte to ask for.</summary>
    public long From => _from >= 0 ? _from + Done : _from;

    public Memory<byte> Rest => target[Done.._count];

    /// <summary>The first answer tells what the file is, and how many bytes there are to come.</summary>
    public void Begin(FileIdentity first, int count)
    {
        if (Identity is null)
        {
            _from = _from < 0 ? Math.Max(0, first.Length + _from) : _from;
            _count = count;
            Identity = first;
        }
    }

    /// <summary>Two of them: some servers take a range that ends at 0 for one without an end.</summary>
    public void AskForTheFirstBytes() => (_from, _count) = (0, 2);
}
