namespace DistributedLoss.Simulation.World;

/// <summary>SplitMix64 (Steele, Lea and Flood, 2014): the same numbers on every platform and in every version of .NET, and free to seed.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>In [0, 1).</summary>
    public static double ToUnit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    public double Unit() => ToUnit(Mix(_state += 0x9E3779B97F4A7C15));

    public bool Chance(double probability) => Unit() < probability;

    /// <summary>In [0, count).</summary>
    public int Below(int count) => (int)(Unit() * count);

    public T Of<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    public TimeSpan UpTo(double seconds) => TimeSpan.FromTicks((long)(Unit() * seconds * TimeSpan.TicksPerSecond));
}
