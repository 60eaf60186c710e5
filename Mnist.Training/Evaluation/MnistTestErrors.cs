namespace Mnist.Training.Evaluation;

/// <summary>The errors on the MNIST test set by group.</summary>
/// <param name="FirstHalf">Errors in the first 5,000 digits, written by high-school students.</param>
/// <param name="SecondHalf">Errors in the last 5,000 digits, written by census employees, which are cleaner.</param>
/// <param name="OutsideDisputed">Errors on digits whose label is not disputed, see <see cref="EvaluationResult.DisputedTestLabels"/>.</param>
public sealed record MnistTestErrors(int FirstHalf, int SecondHalf, int OutsideDisputed)
{
    /// <summary>Counts the errors of a result.</summary>
    /// <param name="result">The result on the MNIST test set.</param>
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
