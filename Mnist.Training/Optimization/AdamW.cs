using System.Numerics;
using Mnist.Training.Layers;

namespace Mnist.Training.Optimization;

/// <summary>
/// Adam (Kingma and Ba 2014, arXiv 1412.6980) with decoupled weight decay (Loshchilov and Hutter 2017, arXiv 1711.05101) over the flat
/// parameter vector. Only weights decay, not biases and not the scales and shifts of batch normalisation.
/// </summary>
internal sealed class AdamW
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-8f;

    private readonly float[] _decay;
    private readonly float[] _firstMoment;
    private readonly float[] _secondMoment;
    private int _steps;
    private float _learningRate;
    private float _rate;
    private float _inverseCorrection;

    public AdamW(ParameterLayout layout, double weightDecay)
    {
        _decay = new float[layout.Length];
        _firstMoment = new float[layout.Length];
        _secondMoment = new float[layout.Length];
        foreach (var layer in layout.Layers)
        {
            _decay.AsSpan(layer.Weight.Offset, layer.Weight.Length).Fill((float)weightDecay);
        }
    }

    public ReadOnlySpan<float> FirstMoment => _firstMoment;

    public ReadOnlySpan<float> SecondMoment => _secondMoment;

    public void Load(int steps, ReadOnlySpan<float> firstMoment, ReadOnlySpan<float> secondMoment)
    {
        _steps = steps;
        firstMoment.CopyTo(_firstMoment);
        secondMoment.CopyTo(_secondMoment);
    }

    /// <summary>Begins a step; <see cref="Update"/> then has to see every parameter once.</summary>
    /// <param name="learningRate">Of this step.</param>
    public void Begin(double learningRate)
    {
        _steps++;
        _learningRate = (float)learningRate;
        _rate = (float)(learningRate / (1 - Math.Pow(Beta1, _steps)));
        _inverseCorrection = (float)(1 / (1 - Math.Pow(Beta2, _steps)));
    }

    /// <summary>Moves some parameters. Each depends on itself alone, so pieces may be updated by several threads.</summary>
    /// <param name="start">Index of the first of them in the vector of all, a multiple of the vector's lanes.</param>
    /// <param name="parameters">These parameters.</param>
    /// <param name="gradient">Their gradient.</param>
    public void Update(int start, Span<float> parameters, ReadOnlySpan<float> gradient)
    {
        var inverseCorrection = new Vector<float>(_inverseCorrection);
        for (int i = 0; i < parameters.Length; i += Vector<float>.Count)
        {
            var g = new Vector<float>(gradient[i..]);
            var first = (Beta1 * new Vector<float>(_firstMoment, start + i)) + ((1 - Beta1) * g);
            var second = (Beta2 * new Vector<float>(_secondMoment, start + i)) + ((1 - Beta2) * g * g);
            first.CopyTo(_firstMoment, start + i);
            second.CopyTo(_secondMoment, start + i);
            var value = new Vector<float>(parameters[i..]);
            var step = _rate * first / (Vector.SquareRoot(second * inverseCorrection) + new Vector<float>(Epsilon));
            (value - step - (_learningRate * new Vector<float>(_decay, start + i) * value)).CopyTo(parameters[i..]);
        }
    }
}
