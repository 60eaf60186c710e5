using System.Globalization;
using System.Text;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Training.Reports;

/// <summary>The model card of a trained network. Everything in it is measured or an input of the run.</summary>
public sealed record ModelCard
{
    /// <summary>The command that reproduces the weights bit by bit.</summary>
    public required string Command { get; init; }

    /// <summary>The recipe, with the temperature of the weights.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>Number of training images.</summary>
    public required int TrainingImages { get; init; }

    /// <summary>Wall-clock time of the training.</summary>
    public required TimeSpan TrainingTime { get; init; }

    /// <summary>SHA-256 of the weights file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Date of the training.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Name of the evaluated digits.</summary>
    public required string EvaluatedOn { get; init; }

    /// <summary>The result on images that were not used in training.</summary>
    public required EvaluationResult Evaluation { get; init; }

    /// <summary>The card as Markdown.</summary>
    public string ToMarkdown()
    {
        var architecture = Options.Architecture;
        var calibration = Evaluation.Calibration;
        var text = new StringBuilder();
        Line($"# Model card: mnist.safetensors");
        Line($"");
        Line($"A convolutional network that classifies one handwritten digit of 28x28 grey pixels, bright on dark, preprocessed like MNIST.");
        Line($"");
        Line($"| | |");
        Line($"|---|---|");
        Line($"| accuracy, {EvaluatedOn} | **{Evaluation.Accuracy:P2}** ± {Evaluation.StandardError:P2} (standard error of {Evaluation.Count:N0} images) |");
        Line($"| errors | {ErrorsLine()} |");
        Line($"| calibration | expected calibration error {calibration.ExpectedCalibrationError:P2} (15 bins), negative log-likelihood {calibration.NegativeLogLikelihood:F4}, Brier score {calibration.BrierScore:F4}, mean confidence {calibration.MeanConfidence:P2} |");
        Line($"| temperature | {Options.Temperature}, folded into the last layer; {(EvaluatedOn == MnistTestSet ? "given to the run" : "fitted on these images")} |");
        Line($"| cost | {architecture.MultiplyAdds:N0} multiply-adds per image, {architecture.ParameterCount:N0} parameters |");
        Line($"| training data | the {TrainingImages:N0} {(TrainingImages == 60_000 ? "" : "first ")}MNIST training images; nothing was chosen on the test images |");
        Line($"| seed | {Options.Seed} |");
        Line($"| date | {Date:yyyy-MM-dd} |");
        Line($"| training time | {TrainingTime.TotalMinutes:N0} minutes on {Options.Threads} cores |");
        Line($"| SHA-256 | `{Sha256}` |");
        Line($"");
        Line($"This command reproduces the weights, bit by bit on a CPU with fused multiply-add and the same vector widths:");
        Line($"");
        Line($"```");
        Line($"{Command}");
        Line($"```");
        Line($"");
        Line($"## Architecture");
        Line($"");
        Line($"| layer | output | multiply-adds |");
        Line($"|---|---|---|");
        for (int i = 0; i < architecture.Layers.Count; i++)
        {
            Line($"| {Describe(architecture.Layers[i])} | {architecture.Shapes[i]} | {MultiplyAdds(i)} |");
        }

        Line($"");
        Line($"## Recipe");
        Line($"");
        Line($"{Options.Epochs} epochs in batches of {Options.BatchSize} (shards of {Options.ShardSize}); AdamW with a learning rate of {Options.LearningRate}, linear warm-up in the first");
        Line($"{Options.WarmUpFraction:P0} of the steps, then cosine decay to {Options.LearningRate * Options.FinalLearningRateFraction}; weight decay {Options.WeightDecay}; {(Options.BatchNormalization ? "batch normalisation, folded into the weights" : "no batch normalisation")};");
        Line($"exponential moving average of the weights with decay {Options.WeightAveraging}. Every image is distorted anew in every epoch: rotation up to {Options.Augmentation.RotationDegrees}°,");
        Line($"scale up to {Options.Augmentation.ScaleFraction:P0} on each axis, shear up to {Options.Augmentation.ShearDegrees}°, shift up to {Options.Augmentation.ShiftPixels} px, elastic displacement of {Options.Augmentation.ElasticPixels} px; the last {Options.CleanFinishFraction:P0} of the steps use undistorted images.");
        Line($"");
        Line($"All options, as a file that `mnist train --recipe` reads:");
        Line($"");
        Line($"```json");
        Line($"{Recipe.Format(Options)}");
        Line($"```");
        Line($"");
        Line($"## Data");
        Line($"");
        Line($"MD5 of the unpacked files, as published:");
        Line($"");
        Line($"| file | MD5 |");
        Line($"|---|---|");
        foreach (var file in MnistFile.All)
        {
            Line($"| {file.Name} | `{file.Md5}` |");
        }

        Line($"");
        Line($"## Limits");
        Line($"");
        Line($"It predicts a digit for every image, including letters, noise and empty images. Digits that are not centred and scaled like MNIST's (longer");
        Line($"side 20 pixels, centre of mass in the middle) are classified less well.");
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        FormattableString MultiplyAdds(int i) => $"{architecture.Layers[i].MultiplyAdds(architecture.InputOf(i)):N0}";
    }

    private string ErrorsLine()
    {
        string all = $"{Evaluation.Errors.Count} of {Evaluation.Count.ToString("N0", CultureInfo.InvariantCulture)}";
        if (EvaluatedOn != MnistTestSet)
        {
            return all;
        }

        var errors = MnistTestErrors.Of(Evaluation);
        return $"{all}: {errors.FirstHalf} in the first half (students), {errors.SecondHalf} in the second (employees); "
            + $"{errors.OutsideDisputed} outside the {EvaluationResult.DisputedTestLabels.Count} disputed labels";
    }

    /// <summary>Name of the MNIST test set, whose halves and disputed labels are known.</summary>
    public const string MnistTestSet = "MNIST test set";

    private static string Describe(Layer layer) => layer switch
    {
        ConvolutionLayer convolution => $"convolution {convolution.Kernel}x{convolution.Kernel}, {convolution.Padding.ToString().ToLowerInvariant()}",
        MaxPoolLayer pool => $"max pooling {pool.Size}x{pool.Size}",
        ReluLayer => "ReLU",
        DenseLayer => "dense",
        _ => layer.ToString(),
    };
}
