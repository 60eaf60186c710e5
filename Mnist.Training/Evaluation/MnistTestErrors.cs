namespace Mnist.Training.Evaluation;

/// <summary>Where the errors on the MNIST test set lie.</summary>
/// <param name="FirstHalf">Errors among the first 5,000 digits, written by students.</param>
/// <param name="SecondHalf">Errors among the last 5,000, written by employees of the census bureau: cleaner.</param>
/// <param name="OutsideDisputed">Errors on labels that people do not dispute.</param>
public sealed record MnistTestErrors(int FirstHalf, int SecondHalf, int OutsideDisputed)
{
    /// <param name="result">Of the MNIST test set.</param>
    public static MnistTestErrors Of(EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        int firstHalf = result.Errors.Count(error => error.Index < result.Count / 2);
        return new MnistTestErrors(
            firstHalf,
            result.Errors.Count - firstHalf,
            result.Errors.Count(error => !EvaluationResult.DisputedTestLabels.Contains(error.Index)));
    }
}
