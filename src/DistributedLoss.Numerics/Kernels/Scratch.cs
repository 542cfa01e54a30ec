namespace DistributedLoss.Numerics.Kernels;

/// <summary>Hands out parts of stack memory, each on a cache line, so that no register load straddles two.</summary>
internal unsafe ref struct Scratch
{
    private const int CacheLine = 64; // bytes

    private byte* _next;

    public Scratch(byte* memory) => _next = (byte*)(((nuint)memory + CacheLine - 1) & ~(nuint)(CacheLine - 1));

    /// <summary>What to allocate for parts of this many doubles in all, each a multiple of 8.</summary>
    public static int Bytes(int doubles) => (doubles * sizeof(double)) + CacheLine;

    public double* Take(int doubles)
    {
        double* part = (double*)_next;
        _next += doubles * sizeof(double);
        return part;
    }
}
