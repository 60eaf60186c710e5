using Mnist.Training.Evaluation;

namespace Mnist.Tests.Training.Evaluation;

public class CalibrationTests
{
    private const double Tolerance = 1e-6;

    [Test]
    public void Measure_TwentyPredictions_EqualsTheHandComputation()
    {
        // Ten answers with confidence 0.95, one wrong; six with 0.7, three wrong; four with 0.5, one wrong. They lie in bins 15, 11 and 8 of 15.
        (double Confidence, bool Right)[] answers =
        [
            .. Enumerable.Range(0, 10).Select(i => (0.95, i > 0)),
            .. Enumerable.Range(0, 6).Select(i => (0.7, i >= 3)),
            .. Enumerable.Range(0, 4).Select(i => (0.5, i > 0)),
        ];
        var calibration = Measure(answers);

        // (10 |0.90 - 0.95| + 6 |0.5 - 0.7| + 4 |0.75 - 0.5|) / 20
        Assert.That(calibration.ExpectedCalibrationError, Is.EqualTo((0.5 + 1.2 + 1.0) / 20).Within(Tolerance));
        Assert.That(calibration.MeanConfidence, Is.EqualTo((9.5 + 4.2 + 2.0) / 20).Within(Tolerance));
        Assert.That(calibration.Bins, Has.Count.EqualTo(15));
        Assert.That(calibration.Bins.Index().Where(bin => bin.Item.Count > 0).Select(bin => (bin.Index, bin.Item.Count, bin.Item.Errors)), Is.EqualTo(new[] { (7, 4, 1), (10, 6, 3), (14, 10, 1) }));
        Assert.That(calibration.Bins[10].ExpectedErrors, Is.EqualTo(1.8).Within(Tolerance));
        Assert.That(calibration.Nines.Select(bin => bin.Count), Is.EqualTo(new[] { 10, 10, 0, 0, 0, 0 }));

        // The remaining probability of each row belongs to digit 8, which is the label of the wrong answers.
        double likelihood = -((9 * Math.Log(0.95)) + Math.Log(0.05) + (3 * Math.Log(0.7)) + (3 * Math.Log(0.3)) + (4 * Math.Log(0.5))) / 20;
        double brier = 2 * ((9 * 0.05 * 0.05) + (0.95 * 0.95) + (3 * 0.3 * 0.3) + (3 * 0.7 * 0.7) + (4 * 0.5 * 0.5)) / 20;
        Assert.That(calibration.NegativeLogLikelihood, Is.EqualTo(likelihood).Within(Tolerance));
        Assert.That(calibration.BrierScore, Is.EqualTo(brier).Within(Tolerance));
    }

    [Test]
    public void Measure_ConfidenceOne_IsInTheLastBin()
    {
        var right = Measure([(1, true), (1, true)]);
        var wrong = Measure([(1, false)]);

        Assert.That((right.ExpectedCalibrationError, right.NegativeLogLikelihood, right.BrierScore), Is.EqualTo((0.0, 0.0, 0.0)));
        Assert.That((right.Bins[^1].Count, right.Nines[^1].Count), Is.EqualTo((2, 2)));
        Assert.That((wrong.ExpectedCalibrationError, wrong.BrierScore), Is.EqualTo((1.0, 2.0)));
        Assert.That(wrong.NegativeLogLikelihood, Is.GreaterThan(80).And.LessThan(double.PositiveInfinity));
    }

    /// <summary>Every answer is a 3. The remaining probability is that of 8, the label of the wrong answers.</summary>
    private static Calibration Measure((double Confidence, bool Right)[] answers)
    {
        byte[] labels = new byte[answers.Length];
        float[] probabilities = new float[answers.Length * 10];
        foreach (var (i, (confidence, right)) in answers.Index())
        {
            // Of two equal probabilities the first is the prediction.
            labels[i] = (byte)(right ? 3 : 8);
            probabilities[(i * 10) + 3] = (float)confidence;
            probabilities[(i * 10) + 8] = (float)(1 - confidence);
        }

        return EvaluationResult.FromProbabilities(labels, probabilities).Calibration;
    }
}
