using System.Reflection;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Wire;

/// <summary>Runs whose every property is random, found by reflection: one that is added is in them from the first day.</summary>
internal sealed class RandomRun(Random random)
{
    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>What a worker is not told: its shards come one by one, the kernel is its machine's, and how long planning took is of no use.</summary>
    public static readonly string[] Untold = [nameof(RunPlan.Shards), nameof(RunPlan.Kernel), nameof(RunPlan.PlanTime)];

    public RunPlan Next() => (RunPlan)Fill(new RunPlan { Files = [], Shards = [], Classes = null, Options = new() }, Untold);

    public static IEnumerable<PropertyInfo> Settable(Type type, params string[] except) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && !except.Contains(p.Name));

    private object Fill(object value, params string[] except)
    {
        foreach (var property in Settable(value.GetType(), except))
        {
            bool mayBeNull = Nullability.Create(property).WriteState == NullabilityState.Nullable;
            property.SetValue(value, mayBeNull && random.Next(3) == 0 ? null : Value(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType));
        }

        return value;
    }

    private object Value(Type type) =>
        type == typeof(string) ? Text()
        : type == typeof(bool) ? random.Next(2) == 0
        : type == typeof(int) ? random.Next(1, 1 << 20)
        : type == typeof(long) ? random.NextInt64() * (random.Next(2) == 0 ? 1 : -1)
        : type == typeof(double) ? (random.Next(5) == 0 ? -0.0 : Math.Pow(10, random.Next(-300, 300)) * random.NextDouble())
        : type == typeof(StatisticKinds) ? (StatisticKinds)random.Next((int)StatisticKinds.All + 1)
        : type.IsEnum ? random.GetItems(Enum.GetValuesAsUnderlyingType(type).Cast<int>().ToArray(), 1).Select(v => Enum.ToObject(type, v)).Single()
        : type == typeof(LossFunction) || type == typeof(EvaluationOptions) ? Fill(Activator.CreateInstance(type)!)
        : type == typeof(IReadOnlyList<string>) ? Several(_ => Text())
        : type == typeof(IReadOnlyList<double>) ? Several(_ => (double)Value(typeof(double)))
        : type == typeof(IReadOnlyList<int>) ? Several(_ => random.Next(100))
        : type == typeof(IReadOnlyList<IReadOnlyList<string>>) ? Several(_ => Several(_ => Text()))
        : type == typeof(IReadOnlyList<InputFile>) ? Several(File)
        : throw new NotSupportedException($"{type}: teach {nameof(RandomRun)} what it may be, and WireOptions or WireRuns to carry it");

    private InputFile File(int index)
    {
        byte[] digest = new byte[32];
        random.NextBytes(digest);
        var modified = new DateTimeOffset(random.NextInt64(DateTime.MaxValue.Ticks), TimeSpan.Zero);
        return new(index, $"/data/{Text()}.parquet", random.NextInt64(), modified, Convert.ToHexStringLower(digest), random.NextInt64(1L << 40), random.Next());
    }

    private T[] Several<T>(Func<int, T> next) => [.. Enumerable.Range(0, random.Next(4)).Select(next)];

    private string Text() => string.Concat(random.GetItems(["a", "ß", "日", "😀", " ", "\"", "\n", "_"], random.Next(6)));
}
