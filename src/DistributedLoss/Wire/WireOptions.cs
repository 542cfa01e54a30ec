using System.Text;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Wire.Messages;

namespace DistributedLoss.Wire;

/// <summary>The options of an evaluation as a message. A test fills every property of them at random, so that none is forgotten here.</summary>
internal static class WireOptions
{
    private static readonly FloatFormat[] Packed = [FloatFormat.Float16, FloatFormat.BFloat16, FloatFormat.Float32, FloatFormat.Float64];
    private static readonly InvalidRowPolicy[] Policies = [InvalidRowPolicy.Fail, InvalidRowPolicy.Skip];
    private static readonly LossInput[] Inputs = [LossInput.Logits, LossInput.LogProbs, LossInput.Probs, LossInput.BinaryLogits, LossInput.BinaryProbs];
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="WireException">A name is no text.</exception>
    public static OptionsMessage Write(EvaluationOptions options)
    {
        var message = new OptionsMessage
        {
            LogitsColumn = Text("--logits", options.LogitsColumn),
            LabelColumn = Text("--label", options.LabelColumn),
            ClassNames = Names("--classes", options.ClassNames),
            IgnoreIndex = options.IgnoreIndex,
            Loss = Write(options.Loss),
            ClassWeights = Weights(options.ClassWeights),
            PositiveWeights = Weights(options.PositiveWeights),
            TopK = options.TopK is { } topK ? new NumbersMessage { Numbers = { topK } } : null,
            OnInvalid = Number(Policies, options.OnInvalid),
            Hardest = options.Hardest,
            Statistics = (uint)options.Statistics,
            MaxSlices = options.MaxSlices,
        };
        message.SlopeTemperatures.AddRange(options.SlopeTemperatures);
        message.SliceBy.AddRange(options.SliceBy.Select(columns => new SliceSetMessage { Columns = { columns.Select(c => Text("--slice-by", c)) } }));
        if (options.Packed is { } packed)
        {
            message.Packed = Number(Packed, packed);
        }

        if (options.NumClasses is { } classes)
        {
            message.NumClasses = classes;
        }

        Put("--logits-prefix", options.LogitsPrefix, text => message.LogitsPrefix = text);
        Put("--sample-weight", options.SampleWeightColumn, text => message.SampleWeightColumn = text);
        Put("--group-by", options.GroupByColumn, text => message.GroupByColumn = text);
        Put("--bytes", options.BytesColumn, text => message.BytesColumn = text);
        return message;
    }

    /// <summary>Whether the options contradict each other is for who plans the run.</summary>
    /// <exception cref="WireException">There are none, or a value is none that this version knows.</exception>
    public static EvaluationOptions Read(OptionsMessage? message)
    {
        if (message?.Loss is null)
        {
            throw new WireException("Run: it has no options, or no loss");
        }

        if (((StatisticKinds)message.Statistics & ~StatisticKinds.All) != 0)
        {
            throw new WireException($"statistics: {message.Statistics} has kinds that this version does not know");
        }

        return new EvaluationOptions
        {
            LogitsColumn = message.LogitsColumn,
            LogitsPrefix = message.HasLogitsPrefix ? message.LogitsPrefix : null,
            Packed = message.HasPacked ? Value("packed", Packed, message.Packed) : null,
            LabelColumn = message.LabelColumn,
            ClassNames = message.ClassNames is { } names ? [.. names.Names] : null,
            IgnoreIndex = message.IgnoreIndex,
            Loss = Read(message.Loss),
            ClassWeights = message.ClassWeights is { } weights ? [.. weights.Weights] : null,
            PositiveWeights = message.PositiveWeights is { } positive ? [.. positive.Weights] : null,
            SampleWeightColumn = message.HasSampleWeightColumn ? message.SampleWeightColumn : null,
            NumClasses = message.HasNumClasses ? message.NumClasses : null,
            TopK = message.TopK is { } topK ? [.. topK.Numbers] : null,
            OnInvalid = Value("on invalid", Policies, message.OnInvalid),
            Hardest = WireBytes.Count("hardest", message.Hardest),
            Statistics = (StatisticKinds)message.Statistics,
            SlopeTemperatures = [.. message.SlopeTemperatures],
            SliceBy = [.. message.SliceBy.Select(set => (string[])[.. set.Columns])],
            MaxSlices = WireBytes.Count("slices", message.MaxSlices),
            GroupByColumn = message.HasGroupByColumn ? message.GroupByColumn : null,
            BytesColumn = message.HasBytesColumn ? message.BytesColumn : null,
        };
    }

    /// <summary>Text as it is: half a surrogate pair would arrive as something else.</summary>
    public static string Text(string what, string text)
    {
        try
        {
            Utf8.GetByteCount(text);
            return text;
        }
        catch (EncoderFallbackException e)
        {
            throw new WireException($"{what}: the name is no text (character {e.Index} is half of a pair); rename it", e);
        }
    }

    /// <param name="known">In the order of their numbers in messages.proto.</param>
    public static uint Number<T>(T[] known, T value)
    {
        int number = Array.IndexOf(known, value);
        return number >= 0 ? (uint)number : throw new WireException($"{typeof(T).Name}: {value} has no number");
    }

    public static T Value<T>(string what, T[] known, uint number) =>
        number < known.Length ? known[number] : throw new WireException($"{what}: {number} is none that this version knows");

    private static LossMessage Write(LossFunction loss) => new()
    {
        Input = Number(Inputs, loss.Input),
        Temperature = loss.Temperature,
        LabelSmoothing = loss.LabelSmoothing,
        SumTolerance = loss.SumTolerance,
    };

    private static LossFunction Read(LossMessage message) =>
        message.HasTemperature && message.HasLabelSmoothing && message.HasSumTolerance
            ? new LossFunction
            {
                Input = Value("input", Inputs, message.Input),
                Temperature = message.Temperature,
                LabelSmoothing = message.LabelSmoothing,
                SumTolerance = message.SumTolerance,
            }
            : throw new WireException("loss: the temperature, the label smoothing or the tolerance is missing");

    private static NamesMessage? Names(string what, IReadOnlyList<string>? names) =>
        names is null ? null : new NamesMessage { Names = { names.Select(n => Text(what, n)) } };

    private static WeightsMessage? Weights(IReadOnlyList<double>? weights) => weights is null ? null : new WeightsMessage { Weights = { weights } };

    private static void Put(string what, string? text, Action<string> put)
    {
        if (text is not null)
        {
            put(Text(what, text));
        }
    }
}
