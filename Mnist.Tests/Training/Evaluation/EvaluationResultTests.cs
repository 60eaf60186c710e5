using Mnist.Training.Evaluation;

namespace Mnist.Tests.Training.Evaluation;

public class EvaluationResultTests
{
    [Test]
    public void FromProbabilities_RightAndWrongAnswers_CountsBoth()
    {
        var result = EvaluationResult.FromProbabilities([3, 3, 5, 9], OneHot([3, 8, 5, 9]));

        Assert.That(result.Count, Is.EqualTo(4));
        Assert.That(result.Accuracy, Is.EqualTo(0.75));
        Assert.That(result.StandardError, Is.EqualTo(0.2165).Within(0.0001));
        Assert.That(result.Errors, Is.EqualTo(new[] { new Misclassification(1, 3, 8) }));
        Assert.That(result.Confusion[3], Is.EqualTo(new[] { 0, 0, 0, 1, 0, 0, 0, 0, 1, 0 }));
        Assert.That(result.Confusion.Sum(row => row.Sum()), Is.EqualTo(4));
    }

    /// <summary>Probabilities [N,10]: 1 for the class, 0 for the others.</summary>
    internal static float[] OneHot(IEnumerable<int> classes) =>
        [.. classes.SelectMany(digit => Enumerable.Range(0, 10).Select(other => other == digit ? 1f : 0f))];

    [Test]
    public void FromProbabilities_Rows_PredictsTheMostProbableClass()
    {
        float[] probabilities = [.1f, 0, 0, 0, 0, 0, 0, 0, 0, .9f, .1f, .2f, .3f, .15f, 0, 0, .25f, 0, 0, 0];

        var result = EvaluationResult.FromProbabilities([9, 6], probabilities);

        Assert.That(result.Errors, Is.EqualTo(new[] { new Misclassification(1, 6, 2) }));
    }
}
