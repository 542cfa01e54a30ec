namespace DistributedLoss.Numerics.Kernels;

/// <summary>How a logit is stored. Every type widens to float64 exactly before any arithmetic.</summary>
public enum LogitType : byte
{
    Float16,
    BFloat16,
    Float32,
    Float64,
}

public static class LogitTypes
{
    /// <summary>Bytes per stored logit.</summary>
    public static int Size(this LogitType type) => type switch
    {
        LogitType.Float16 or LogitType.BFloat16 => 2,
        LogitType.Float32 => 4,
        LogitType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a logit type"),
    };
}
