using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Runs;

/// <summary>From the label column's type to what a target is.</summary>
internal static class TargetColumn
{
    /// <param name="isSequence">Whether the logits are lists of lists.</param>
    /// <exception cref="BadInputException">The column holds nothing that can be a target of the declared input.</exception>
    /// <exception cref="ParquetException">There is no such column.</exception>
    public static TargetKind KindOf(ParquetFile file, EvaluationOptions options, bool isSequence)
    {
        if (isSequence)
        {
            if (options.Loss.Input.IsBinary())
            {
                throw new ParquetException($"--input {LossInputs.Name(options.Loss.Input)} is for numbers or lists of numbers, not for lists of lists", file.Path, column: options.LogitsColumn);
            }

            SequenceLabelReader.Check(file, options.LabelColumn);
            return TargetKind.Index;
        }

        var shape = ColumnShape.Of(file, options.LabelColumn);
        if (options.Loss.Input.IsBinary())
        {
            NumberListReader.Check(file, options.LabelColumn);
            return TargetKind.Binary;
        }

        return shape switch
        {
            { ListDepth: 0, Kind: ElementKind.Integer } => TargetKind.Index,
            { ListDepth: 0, Kind: ElementKind.Text } when options.ClassNames is not null => TargetKind.Name,
            { ListDepth: 0, Kind: ElementKind.Text } => throw Bad("the labels are text; give the classes' names, in the order of the logits, with --classes FILE"),
            { ListDepth: 1, Kind: ElementKind.Float } => TargetKind.Distribution,
            _ => throw Bad($"the column is {shape.Description}, where integers are needed, text with --classes, or lists of floats as soft targets (--input binary-logits takes a target for each logit)"),
        };

        ParquetException Bad(string what) => new(what, file.Path, column: options.LabelColumn);
    }
}
