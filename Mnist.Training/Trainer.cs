using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics;
using System.Numerics.Tensors;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Layers;
using Mnist.Training.Optimization;
using Mnist.Training.Synthesis;

namespace Mnist.Training;

/// <summary>How far a training run is.</summary>
/// <param name="Epoch">Epochs begun, from 1.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="Steps">Steps of an epoch.</param>
/// <param name="Loss">Mean cross-entropy of this epoch's images so far.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="ImagesPerSecond">Of this epoch so far.</param>
public sealed record TrainingProgress(int Epoch, int Step, int Steps, double Loss, double LearningRate, double ImagesPerSecond);

/// <summary>
/// Trains a network: stochastic gradient descent with <see cref="AdamW"/> on distorted images, data-parallel over the cores.
/// </summary>
/// <remarks>
/// A batch is cut into shards of a fixed size, each with a gradient of its own; threads take shards, and gradients are added in the order of
/// the shards. So the result does not depend on the number of threads. Activations belong to the thread, not to the shard: they stay in its
/// cache. What an image looks like in an epoch depends on seed, epoch and image alone.
/// </remarks>
public sealed class Trainer
{
    /// <summary>Training images over which the statistics of batch normalisation are measured.</summary>
    private const int StatisticsImages = 8192;

    /// <summary>Pieces of the parameter vector that threads update at the same time.</summary>
    private const int UpdatePieces = 4;

    private readonly TrainingOptions _options;
    private readonly DigitDataset _data;
    private readonly ParallelOptions _parallel;
    private readonly float[] _images;
    private readonly ParameterLayout _layout;
    private readonly ParameterVector _parameters;
    private readonly float[] _average;
    private readonly AdamW _optimizer;
    private readonly float[][] _gradients;
    private readonly double[] _losses;
    private readonly ConcurrentBag<Worker> _workers = [];
    private readonly int _stepsPerEpoch;

    /// <exception cref="ArgumentException">The options are out of range, there are fewer images than a batch has, or a label has no class.</exception>
    public Trainer(TrainingOptions options, DigitDataset data)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(data);
        options.Validate();
        if (data.Count < options.BatchSize)
        {
            throw new ArgumentException($"There are {data.Count} training images, expected at least one batch of {options.BatchSize}.", nameof(data));
        }

        int classes = options.Architecture.ClassCount;
        if (data.Labels.Max() >= classes)
        {
            throw new ArgumentException($"A label is {data.Labels.Max()}, expected 0 to {classes - 1} for a network of {classes} classes.", nameof(data));
        }

        _options = options;
        _data = data;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads };
        _images = new float[data.Images.Length];
        InputScale.ToFloat(data.Images, _images);
        _layout = new ParameterLayout(options.Architecture, options.BatchNormalization);
        _parameters = new ParameterVector(_layout);
        _layout.Load(NetworkWeights.Random(options.Architecture, options.Seed), _parameters.All);
        _average = _parameters.All.ToArray();
        _optimizer = new AdamW(_layout, options.WeightDecay);
        _losses = new double[options.BatchSize / options.ShardSize];
        _gradients = [.. _losses.Select(_ => new float[_layout.Length])];
        _stepsPerEpoch = data.Count / options.BatchSize;
    }

    /// <summary>Steps done.</summary>
    private int StepCount { get; set; }

    /// <summary>Steps done in the epoch that is under way: 0 between epochs.</summary>
    private int EpochStep { get; set; }

    /// <summary>Sum of the losses of the images of these steps.</summary>
    private double EpochLoss { get; set; }

    private int TotalSteps => _options.Epochs * _stepsPerEpoch;

    /// <summary>
    /// Runs one epoch, or the rest of the one that was cancelled or loaded; images that do not fill the last batch are left out, others in
    /// each epoch.
    /// </summary>
    /// <param name="epoch">From 1 to <see cref="TrainingOptions.Epochs"/>.</param>
    /// <param name="progress">Called after each step.</param>
    /// <param name="cancellationToken">Ends the epoch after the current step.</param>
    /// <returns>Mean cross-entropy of the epoch's images.</returns>
    public double RunEpoch(int epoch, Action<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        int[] order = [.. Enumerable.Range(0, _data.Count)];
        new Random(RandomNumbers.Seed(_options.Seed, epoch, -1)).Shuffle(order);
        long started = Stopwatch.GetTimestamp();
        int resumedStep = EpochStep;
        for (int step = resumedStep; step < _stepsPerEpoch; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double learningRate = LearningRate();
            EpochLoss += Step(epoch, order.AsMemory(step * _options.BatchSize, _options.BatchSize), learningRate);
            EpochStep = step + 1;
            int images = (EpochStep - resumedStep) * _options.BatchSize;
            progress?.Invoke(new TrainingProgress(
                epoch,
                EpochStep,
                _stepsPerEpoch,
                EpochLoss / (EpochStep * _options.BatchSize),
                learningRate,
                images / Stopwatch.GetElapsedTime(started).TotalSeconds));
        }

        double loss = EpochLoss / (_stepsPerEpoch * _options.BatchSize);
        (EpochStep, EpochLoss) = (0, 0);
        return loss;
    }

    /// <summary>The network as trained so far: averaged parameters, batch normalisation folded.</summary>
    /// <param name="metadata">Kept with the weights.</param>
    public NetworkWeights Weights(IReadOnlyDictionary<string, string>? metadata = null)
    {
        var averaged = new ParameterVector(_layout);
        _average.CopyTo(averaged.All);
        averaged.Update();
        return _layout.ToWeights(_average, MeasureStatistics(averaged), metadata);
    }

    private double Step(int epoch, ReadOnlyMemory<int> batch, double learningRate)
    {
        bool augment = StepCount < TotalSteps * (1 - _options.CleanFinishFraction);
        Parallel.For(0, _parameters.FormCount, _parallel, _parameters.UpdateForm);
        ForEachShard(_losses.Length, (worker, shard) =>
        {
            worker.Load(_data, _images, batch.Span.Slice(shard * _options.ShardSize, _options.ShardSize), augment ? epoch : null);
            _losses[shard] = worker.Run(_parameters, _gradients[shard]);
        });

        StepCount++;
        _optimizer.Begin(learningRate);
        Parallel.For(0, UpdatePieces, _parallel, UpdatePiece);
        return _losses.Sum();
    }

    /// <summary>Shards in parallel, each with the activations of the thread that takes it.</summary>
    private void ForEachShard(int count, Action<Worker, int> body) => Parallel.For(
        0,
        count,
        _parallel,
        () => _workers.TryTake(out var worker) ? worker : new Worker(_layout, _options),
        (shard, _, worker) =>
        {
            body(worker, shard);
            return worker;
        },
        _workers.Add);

    /// <summary>Gradient, optimiser and average for one piece of the parameters.</summary>
    private void UpdatePiece(int piece)
    {
        int length = TensorLayout.RoundUp((_layout.Length + UpdatePieces - 1) / UpdatePieces);
        int start = Math.Min(piece * length, _layout.Length);
        length = Math.Min(length, _layout.Length - start);
        var gradient = _gradients[0].AsSpan(start, length);
        foreach (float[] shard in _gradients.AsSpan(1))
        {
            TensorPrimitives.Add(gradient, shard.AsSpan(start, length), gradient);
        }

        var parameters = _parameters.All.Slice(start, length);
        _optimizer.Update(start, parameters, gradient);

        // A short memory at first, so that the random start is soon forgotten.
        var share = new Vector<float>(1 - (float)Math.Min(_options.WeightAveraging, (1.0 + StepCount) / (10.0 + StepCount)));
        for (int i = 0; i < length; i += Vector<float>.Count)
        {
            var average = new Vector<float>(_average, start + i);
            (average + (share * (new Vector<float>(parameters[i..]) - average))).CopyTo(_average, start + i);
        }
    }

    /// <summary>Linear rise, then half a cosine down.</summary>
    private double LearningRate()
    {
        double progress = (StepCount + 0.5) / TotalSteps;
        if (progress < _options.WarmUpFraction)
        {
            return _options.LearningRate * progress / _options.WarmUpFraction;
        }

        double cosine = 0.5 * (1 + Math.Cos(Math.PI * (progress - _options.WarmUpFraction) / (1 - _options.WarmUpFraction)));
        return _options.LearningRate * double.Lerp(_options.FinalLearningRateFraction, 1, cosine);
    }

    /// <summary>
    /// Statistics of the averaged network over many undistorted images, instead of a running average that belongs to other parameters
    /// (Wu and Johnson 2021, "Rethinking Batch in BatchNorm", arXiv 2105.07576, section 3).
    /// </summary>
    private Dictionary<int, ChannelStatistics> MeasureStatistics(ParameterVector parameters)
    {
        int groups = Math.Max(1, Math.Min(_data.Count, StatisticsImages) / _options.ShardSize);
        var statistics = new Dictionary<int, ChannelStatistics>[groups];
        ForEachShard(groups, (worker, group) =>
        {
            int[] images = [.. Enumerable.Range(group * _options.ShardSize, _options.ShardSize)];
            worker.Load(_data, _images, images, augmentedEpoch: null);
            statistics[group] = worker.Measure(parameters);
        });
        return statistics[0].Keys.ToDictionary(layer => layer, layer => ChannelStatistics.Pool([.. statistics.Select(group => group[layer])]));
    }

    /// <summary>A copy of all that the next step depends on, besides options and data.</summary>
    public TrainerState Save() => new(
        StepCount, EpochStep, EpochLoss, _parameters.All.ToArray(), [.. _average], _optimizer.FirstMoment.ToArray(), _optimizer.SecondMoment.ToArray());

    /// <summary>Goes on from a state of a trainer with the same options and data: the steps that follow give the same bits.</summary>
    /// <exception cref="InvalidDataException">The state is that of another network; nothing has changed.</exception>
    public void Load(TrainerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        foreach (float[] values in new[] { state.Parameters, state.Average, state.FirstMoment, state.SecondMoment })
        {
            if (values.Length != _layout.Length)
            {
                throw new InvalidDataException($"the state has {values.Length} parameters, expected {_layout.Length}");
            }
        }

        (StepCount, EpochStep, EpochLoss) = (state.StepCount, state.EpochStep, state.EpochLoss);
        state.Parameters.CopyTo(_parameters.All);
        state.Average.CopyTo(_average);
        _optimizer.Load(state.StepCount, state.FirstMoment, state.SecondMoment);
    }

    /// <summary>What a thread needs to take a shard: activations and buffers.</summary>
    private sealed class Worker(ParameterLayout layout, TrainingOptions options)
    {
        private readonly Augmentation _augmentation = new(options.Augmentation);
        private readonly TrainingNetwork _network = TrainingNetwork.Create(layout, options.ShardSize);
        private readonly byte[] _labels = new byte[options.ShardSize];
        private readonly float[] _distorted = new float[DigitDataset.PixelCount];

        /// <param name="data">Has the labels.</param>
        /// <param name="pixels">All images of <paramref name="data"/>, 0 to 1.</param>
        /// <param name="indexes">The shard's images.</param>
        /// <param name="augmentedEpoch">The epoch that the distortion of an image depends on; without it, images stay as they are.</param>
        public void Load(DigitDataset data, ReadOnlySpan<float> pixels, ReadOnlySpan<int> indexes, int? augmentedEpoch)
        {
            for (int i = 0; i < indexes.Length; i++)
            {
                var image = pixels.Slice(indexes[i] * DigitDataset.PixelCount, DigitDataset.PixelCount);
                if (augmentedEpoch is { } epoch)
                {
                    _augmentation.Apply(image, new Random(RandomNumbers.Seed(options.Seed, epoch, indexes[i])), _distorted);
                    image = _distorted;
                }

                _network.SetImage(i, image);
                _labels[i] = data.Labels[indexes[i]];
            }
        }

        /// <returns>Sum of the losses of the images.</returns>
        public double Run(ParameterVector parameters, Span<float> gradient)
        {
            _network.Forward(parameters);
            return _network.Backward(parameters, _labels, options.BatchSize, gradient);
        }

        /// <returns>Statistics of the images at each batch normalisation, by the index of its layer.</returns>
        public Dictionary<int, ChannelStatistics> Measure(ParameterVector parameters)
        {
            _network.Forward(parameters);
            return _network.Normalizations.ToDictionary(layer => layer.LayerIndex, layer => layer.Statistics.Copy());
        }
    }
}
